"use client";

import { useCallback, useContext, useSyncExternalStore } from "react";
import type { Decision, Lotwise } from "../types.js";
import { ProvidedContext } from "./context.js";

type Decisions = readonly Decision<any>[];

const lists = new WeakMap<Lotwise, Decisions>();

/** The same list for as long as nothing in it changed. */
function listOf(client: Lotwise): Decisions {
  const before = lists.get(client);
  const now = client.decideAll();
  if (before?.length === now.length && before.every((decision, at) => decision === now[at])) return before;
  lists.set(client, now);
  return now;
}

/** Every experiment's decision, in key order. Records no exposures; renders again when any of them changes. */
export function useDecisions(): readonly Decision<any>[] {
  const { client, hydrated } = useContext(ProvidedContext);
  const subscribe = useCallback((onChange: () => void) => client.on("change", onChange), [client]);
  const atHydration = useCallback(
    () => (hydrated === null ? listOf(client) : hydratedList(hydrated)),
    [client, hydrated],
  );
  return useSyncExternalStore(subscribe, () => listOf(client), atHydration);
}

const hydratedLists = new WeakMap<ReadonlyMap<string, Decision>, Decisions>();

function hydratedList(hydrated: ReadonlyMap<string, Decision>): Decisions {
  let list = hydratedLists.get(hydrated);
  if (list === undefined) hydratedLists.set(hydrated, (list = [...hydrated.values()]));
  return list;
}
