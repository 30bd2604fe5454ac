"use client";

import { useCallback, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { Decision, ExperimentKey, PayloadFor, PayloadOf, VariantOf, VariantOptions } from "../types.js";
import { ProvidedContext } from "./context.js";
import { useSettled } from "./settled.js";

/**
 * The user's variant. The component renders again only when this decision changes, and the exposure is
 * recorded after the component is on the page: once per mount and decision, never on the server, never for
 * a render that React throws away.
 *
 * A `fallback` may be written in place: equal JSON counts as the same fallback.
 */
export function useVariant<K extends ExperimentKey, P = PayloadOf<K>>(
  experiment: K,
  options?: VariantOptions<unknown extends PayloadOf<K> ? P : PayloadOf<K>>,
): Decision<PayloadFor<K, P>, VariantOf<K>> {
  const { client, hydrated } = useContext(ProvidedContext);
  const subscribe = useCallback((onChange: () => void) => client.on("change", onChange), [client]);
  // Without the fallback, because what is read here must stay the same object between changes.
  const decision = useSyncExternalStore<Decision>(
    subscribe,
    () => client.peek(experiment),
    () => hydrated?.get(experiment) ?? client.peek(experiment),
  );

  const exposed = useRef<readonly [unknown, Decision] | null>(null);
  useEffect(() => {
    // Strict mode runs effects twice with the same ref.
    const [by, before] = exposed.current ?? [];
    if (decision.variant === null || (by === client && before === decision)) return;
    // A decision that has changed since the render is never shown: its successor's effect comes next.
    if (client.peek(experiment) !== decision) return;
    exposed.current = [client, decision];
    client.expose(experiment);
  }, [client, experiment, decision]);

  const fallback = useSettled(options?.fallback);
  return useMemo(
    () => (fallback == null || decision.payload !== null ? decision : { ...decision, payload: fallback }),
    [decision, fallback],
  ) as Decision<any, VariantOf<K>>;
}
