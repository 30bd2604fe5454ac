"use client";

import { useMemo } from "react";

/** The first of equal values, so that a literal written in a component is one object across its renders. */
export function useSettled<T>(value: T): T {
  const likeness = likenessOf(value);
  // The value is left out on purpose: it counts as the same for as long as its likeness is.
  return useMemo(() => value, [likeness]);
}

/** Its text where it is JSON through and through, else itself. */
function likenessOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  try {
    return JSON.stringify(value, (_key, member: unknown) => {
      if (member === null || ["boolean", "number", "string"].includes(typeof member)) return member;
      if (typeof member === "object" && isPlain(member)) return member;
      throw new TypeError("not JSON");
    });
  } catch {
    return value;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}
