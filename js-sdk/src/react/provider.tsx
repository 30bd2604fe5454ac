"use client";

import { useMemo, useSyncExternalStore, type ReactNode } from "react";
import { absent } from "../absent.js";
import type { Decision, Lotwise, LotwiseOptions } from "../types.js";
import { ProvidedContext, type Provided } from "./context.js";
import { useOwnClient } from "./own.js";
import { settle } from "./settle.js";

/** Either a client, or what to make one of. */
export type LotwiseProviderProps = {
  children?: ReactNode;
} & (
  | {
      /**
       * A client, which stays the application's to close; or a promise of one, made outside of rendering:
       * until it is there the provider suspends.
       */
      client: Lotwise | PromiseLike<Lotwise>;
      options?: never;
      create?: never;
    }
  | {
      client?: never;
      /**
       * The provider makes the client once it is on the page and closes it when it leaves; until then hooks
       * give fallbacks with the reason NOT_READY. Of later values only `userKey` and `context` count; give the
       * provider another `key` for another environment.
       */
      options: LotwiseOptions;
      /** What makes the client of `options`. Default: `createLotwise` of `lotwise`. */
      create?: (options: LotwiseOptions) => PromiseLike<Lotwise>;
    }
);

/** Gives the components below it a client. */
export function LotwiseProvider(props: LotwiseProviderProps): ReactNode {
  const { client, options, create, children } = props;
  const own = useOwnClient(options, create);
  const given = client === undefined ? own : "then" in client ? settle(client) : client;
  return <Provider client={given ?? absent}>{children}</Provider>;
}

function Provider({ client, children }: { client: Lotwise; children: ReactNode }): ReactNode {
  const isHydrating = useSyncExternalStore(never, no, yes) && typeof document !== "undefined";
  // Parts of the page may hydrate long after others, when the client has moved on.
  const hydrated = useMemo(() => (isHydrating ? byKey(client) : null), [client]);
  const provided = useMemo<Provided>(() => ({ client, hydrated }), [client, hydrated]);
  return <ProvidedContext.Provider value={provided}>{children}</ProvidedContext.Provider>;
}

function byKey(client: Lotwise): ReadonlyMap<string, Decision> {
  return new Map(client.decideAll().map((decision) => [decision.experiment, decision]));
}

const never = () => () => {};
const no = () => false;
const yes = () => true;
