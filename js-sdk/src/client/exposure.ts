/** The event that says that a user met a variant, with what is needed to decide it again. */

import type { Reads } from "../engine.js";
import type { Context, Sticky } from "../types.js";

/** Sets a member of an object without a prototype, so that no name is special. */
const bare = (): Record<string, any> => Object.create(null);

/** The attributes of these names, as decisions look them up: literally, else along the dots. */
export function pickContext(context: Context, { attributes }: Reads): Context | undefined {
  const picked = bare();
  for (const name of attributes) {
    // It always means the user's key.
    if (name === "user_key") continue;
    const path = Object.hasOwn(context, name) ? [name] : name.split(".");
    let value: any = context;
    for (const key of path)
      value = value && !Array.isArray(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    if (value === undefined) continue;
    let target = picked;
    for (const key of path.slice(0, -1)) target = target[key] ??= bare();
    target[path.at(-1)!] ??= value;
  }
  return nonEmpty(picked);
}

/** The sticky state of these experiments. */
export function pickSticky(sticky: Sticky, { experiments }: Reads): Sticky | undefined {
  const picked = bare();
  for (const key of experiments) if (Object.hasOwn(sticky, key)) picked[key] = sticky[key];
  return nonEmpty(picked);
}

const nonEmpty = <T extends object>(object: T): T | undefined =>
  Object.keys(object).length ? object : undefined;
