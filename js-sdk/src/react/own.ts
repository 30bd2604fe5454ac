"use client";

import { useEffect, useRef, useState } from "react";
import type { Lotwise, LotwiseOptions, User } from "../types.js";

type Create = (options: LotwiseOptions) => PromiseLike<Lotwise>;

/** A client in the making. */
interface Own {
  readonly promise: Promise<Lotwise | null>;
  /** Who it was made for, or switched to since. */
  user: string;
  closing?: ReturnType<typeof setTimeout>;
}

/** Makes a client of the options when the component is on the page, closes it afterwards. */
export function useOwnClient(options?: LotwiseOptions, create: Create = createDefault): Lotwise | null {
  const [client, setClient] = useState<Lotwise | null>(null);
  const ref = useRef<Own | null>(null);
  const isWanted = options !== undefined;
  const user = options === undefined ? "" : userText(options);

  useEffect(() => {
    if (options === undefined) return;
    const own = (ref.current ??= { promise: make(create, options), user });
    clearTimeout(own.closing);
    let isHere = true;
    void own.promise.then((made) => isHere && setClient(made));
    return () => {
      isHere = false;
      // Later, because strict mode comes back at once and finds the same client.
      own.closing = setTimeout(() => {
        ref.current = null;
        setClient(null);
        void own.promise.then((made) => made?.close());
      });
    };
    // Other options than the first do not count, and a literal is another object at every render.
  }, [isWanted]);

  useEffect(() => {
    const own = ref.current;
    if (client === null || own === null || options === undefined || own.user === user) return;
    own.user = user;
    const next: User = { userKey: options.userKey ?? "" };
    if (options.context !== undefined) next.context = options.context;
    client.setUser(next);
  }, [client, user]);

  return client;
}

async function make(create: Create, options: LotwiseOptions): Promise<Lotwise | null> {
  try {
    return await create(options);
  } catch (cause) {
    console.warn("lotwise: no client could be made; fallbacks are shown.", cause);
    return null;
  }
}

/** Loaded when it is needed: pages that make their own client have it already. */
async function createDefault(options: LotwiseOptions): Promise<Lotwise> {
  const { createLotwise } = await import("lotwise");
  return createLotwise(options);
}

function userText({ userKey, context }: LotwiseOptions): string {
  try {
    return JSON.stringify([userKey, context]);
  } catch {
    return String(userKey);
  }
}
