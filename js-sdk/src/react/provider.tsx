"use client";

import { useMemo, useSyncExternalStore, type ReactNode } from "react";
import { absent } from "../absent.js";
import type { Lotwise, LotwiseOptions } from "../types.js";
import { ProvidedContext, type Hydrated, type Provided } from "./context.js";
import { listOf } from "./list.js";
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
  // React asks the third function on the server and while hydrating. It gives the same as the second, so that
  // there is no render after hydration, which React 18 would answer by throwing away what is not hydrated yet.
  let isHydrating = false;
  useSyncExternalStore(never, no, () => (isHydrating = typeof document !== "undefined") && false);
  // Parts of the page may hydrate long after others, when the client has moved on.
  const hydrated = useMemo(() => (isHydrating ? snapshotOf(client) : null), [client]);
  const provided = useMemo<Provided>(() => ({ client, hydrated }), [client, hydrated]);
  return <ProvidedContext.Provider value={provided}>{children}</ProvidedContext.Provider>;
}

function snapshotOf(client: Lotwise): Hydrated {
  const list = listOf(client);
  return { list, byKey: new Map(list.map((decision) => [decision.experiment, decision])) };
}

const never = () => () => {};
const no = () => false;
