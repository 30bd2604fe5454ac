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
  const peek = useMemo(() => steadily(() => client.peek(experiment)), [client, experiment]);
  const decision = useSyncExternalStore(subscribe, peek, () => hydrated?.byKey.get(experiment) ?? peek());

  const exposed = useRef<readonly [unknown, Decision] | null>(null);
  useEffect(() => {
    // Strict mode runs effects twice with the same ref.
    const [by, before] = exposed.current ?? [];
    if (decision.variant === null || (by === client && before === decision)) return;
    // A decision that has changed since the render is never shown: its successor's effect comes next.
    if (peek() !== decision) return;
    exposed.current = [client, decision];
    client.expose(experiment);
  }, [client, experiment, peek, decision]);

  const fallback = useSettled(options?.fallback);
  return useMemo(
    () => (fallback == null || decision.payload !== null ? decision : { ...decision, payload: fallback }),
    [decision, fallback],
  ) as Decision<any, VariantOf<K>>;
}

/**
 * The same object for equal decisions. Clients give that themselves; but React would render without end, and
 * throw, if one that is broken did not.
 */
function steadily(read: () => Decision): () => Decision {
  let last: Decision | undefined;
  return () => {
    const now = read();
    const isSame =
      last !== undefined &&
      last.variant === now.variant &&
      last.reason === now.reason &&
      last.isOverride === now.isOverride &&
      last.payload === now.payload;
    return isSame ? last! : (last = now);
  };
}
