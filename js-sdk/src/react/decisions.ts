"use client";

import { useCallback, useContext, useSyncExternalStore } from "react";
import type { Decision } from "../types.js";
import { ProvidedContext } from "./context.js";
import { listOf } from "./list.js";

/** Every experiment's decision, in key order. Records no exposures; renders again when any of them changes. */
export function useDecisions(): readonly Decision<any>[] {
  const { client, hydrated } = useContext(ProvidedContext);
  const subscribe = useCallback((onChange: () => void) => client.on("change", onChange), [client]);
  return useSyncExternalStore(
    subscribe,
    () => listOf(client),
    () => hydrated?.list ?? listOf(client),
  );
}
