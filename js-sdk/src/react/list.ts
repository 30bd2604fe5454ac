"use client";

import type { Decision, Lotwise } from "../types.js";

const lists = new WeakMap<Lotwise, readonly Decision<any>[]>();

/** Every decision of a client: the same list for as long as nothing in it changed. */
export function listOf(client: Lotwise): readonly Decision<any>[] {
  const before = lists.get(client);
  const now = client.decideAll();
  if (before?.length === now.length && before.every((decision, at) => decision === now[at])) return before;
  lists.set(client, now);
  return now;
}
