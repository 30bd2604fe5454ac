"use client";

import { absent } from "../absent.js";
import type { Lotwise } from "../types.js";

const settled = new WeakMap<PromiseLike<Lotwise>, Lotwise | null>();

/**
 * What the promise gave. Suspends until then by throwing the promise, which React 18 and 19 both know
 * (`use` is new in 19). A promise that fails gives a stand-in and a warning: pages go on with fallbacks.
 */
export function settle(promise: PromiseLike<Lotwise>): Lotwise {
  const known = settled.get(promise);
  if (known) return known;
  if (known === undefined) {
    settled.set(promise, null);
    promise.then(
      (client) => settled.set(promise, client),
      (cause: unknown) => {
        settled.set(promise, absent);
        console.warn("lotwise: the promise given to LotwiseProvider failed; fallbacks are shown.", cause);
      },
    );
  }
  throw promise.then(ignore, ignore);
}

const ignore = () => {};
