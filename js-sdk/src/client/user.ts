/** Who is decided for, as JSON sees them. */

import type { Context, Sticky, User } from "../types.js";
import { attempt, wellFormed } from "./safe.js";

export interface Subjected {
  readonly userKey: string | null;
  readonly context: Context;
  /** Handed in by the application. */
  readonly sticky?: Sticky | undefined;
  /** What is wrong with the user, if anything. */
  readonly fault?: string;
}

/** Variant keys by experiment key, without whatever else the object holds. */
export const readSticky = (value: unknown): Sticky | undefined =>
  attempt(() =>
    value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).filter(([, variant]) => typeof variant === "string"))
      : undefined,
  );

/** Whether it has at most 512 bytes of UTF-8, of which a unit of UTF-16 takes at most three. */
const isShort = (key: string): boolean =>
  key.length * 3 <= 512 || (key.length <= 512 && new TextEncoder().encode(key).length <= 512);

/** Takes a user as it is now: what the application does to its objects later changes nothing. */
export function readUser(user: Partial<User>): Subjected {
  let userKey: unknown;
  try {
    userKey = user.userKey;
    const sticky = readSticky(user.sticky);
    const text = JSON.stringify(user.context ?? {});
    const context = JSON.parse(text);
    const isKey = typeof userKey === "string" && userKey && isShort(userKey);
    const key = isKey ? (userKey as string) : null;
    const fault =
      isKey && wellFormed(JSON.stringify(key)) === JSON.stringify(key)
        ? !context || typeof context !== "object" || Array.isArray(context)
          ? "The context is no object."
          : wellFormed(text) !== text
            ? "The context holds half a surrogate pair."
            : undefined
        : "A user key is a string of 1 to 512 bytes of UTF-8.";
    return { userKey: key, context, sticky, ...(fault && { fault }) };
  } catch (cause) {
    return {
      userKey: typeof userKey === "string" ? userKey : null,
      context: {},
      fault: `The context is not JSON: ${attempt(() => (cause as Error).message)}`,
    };
  }
}
