/** `lotwise/testing`: a client whose decisions a test fixes. Nothing is loaded, fetched or stored. */

import type { Change, Context, Decision, Lotwise, LotwiseEvent, Status, User } from "./types.js";

/** A variant key; `null` for a user who is not in; or a variant with its payload. */
export type Fixed = string | null | { readonly variant: string | null; readonly payload?: unknown };

/** Decisions by experiment key. */
export type FixedDecisions = { readonly [experiment: string]: Fixed };

/** Whose decisions they are. */
export interface FixedOptions {
  /** Default `test`. */
  environment?: string;
  /** Default `test-user`. */
  userKey?: string;
}

/** A client for unit tests. */
export interface FixedLotwise extends Lotwise {
  /** What was exposed, each user, experiment and variant once, in order. */
  readonly exposures: readonly LotwiseEvent[];
  /** What was tracked, in order. */
  readonly tracked: readonly LotwiseEvent[];
  /** The context that was set last. */
  readonly context: Context;
  /** Decides otherwise from now on, and tells listeners of a change. What is not named stays. */
  set(decisions: FixedDecisions): void;
  /** Forgets exposures and tracked events. */
  clear(): void;
}

interface Shared {
  readonly environment: string;
  readonly decisions: Map<string, Decision<any>>;
  /** Decisions with fallbacks. */
  readonly fallbacks: Map<Decision<any>, Map<unknown, Decision<any>>>;
  readonly exposures: LotwiseEvent[];
  readonly tracked: LotwiseEvent[];
  readonly exposed: Set<string>;
  readonly told: Set<(change: Change) => void>;
  version: number;
  isClosed: boolean;
}

/** A client that gives these variants, and for every other experiment none, `UNKNOWN_EXPERIMENT`. */
export function fixedLotwise(decisions: FixedDecisions = {}, options: FixedOptions = {}): FixedLotwise {
  const shared: Shared = {
    environment: options.environment ?? "test",
    decisions: new Map(),
    fallbacks: new Map(),
    exposures: [],
    tracked: [],
    exposed: new Set(),
    told: new Set(),
    version: 1,
    isClosed: false,
  };
  fix(shared, decisions);
  return clientOf(shared, { userKey: options.userKey ?? "test-user" }, true);
}

/** Takes decisions in; what stays equal stays the same object. */
function fix({ decisions }: Shared, next: FixedDecisions): void {
  for (const [experiment, fixed] of Object.entries(next)) {
    const { variant, payload = null } =
      fixed !== null && typeof fixed === "object" ? fixed : { variant: fixed };
    const reason = variant === null ? "NOT_IN_TRAFFIC" : "SPLIT";
    const decision: Decision<any> = { experiment, variant, payload, reason, isOverride: false };
    const before = decisions.get(experiment);
    if (JSON.stringify(before) !== JSON.stringify(decision))
      decisions.set(experiment, Object.freeze(decision));
  }
}

function clientOf(shared: Shared, first: User, isRoot: boolean): FixedLotwise {
  const { environment, decisions, fallbacks, exposures, tracked, exposed, told } = shared;
  const listeners = new Set<(change: Change) => void>();
  let user = first;
  let isClosed = false;

  const tell = (change: Change) => [...listeners].forEach((listener) => listener(change));

  const peek = (experiment: string, options?: { fallback?: any }): Decision<any> => {
    let decision = decisions.get(experiment);
    if (!decision) {
      const unknown = { experiment, variant: null, payload: null, isOverride: false } as const;
      decisions.set(experiment, (decision = Object.freeze({ ...unknown, reason: "UNKNOWN_EXPERIMENT" })));
    }
    const fallback: unknown = options?.fallback;
    if (fallback === undefined || decision.payload !== null) return decision;
    let own = fallbacks.get(decision);
    if (!own) fallbacks.set(decision, (own = new Map()));
    if (!own.has(fallback)) own.set(fallback, Object.freeze({ ...decision, payload: fallback }));
    return own.get(fallback)!;
  };

  const event = () => ({
    id: crypto.randomUUID(),
    environment,
    user_key: user.userKey,
    timestamp: new Date().toISOString(),
  });

  const expose = (experiment: string): void => {
    const { variant, reason } = peek(experiment);
    const what = JSON.stringify([user.userKey, experiment, variant]);
    if (variant === null || isClosed || shared.isClosed || exposed.has(what)) return;
    exposed.add(what);
    const fields = { experiment_key: experiment, variant_key: variant, reason };
    exposures.push({ ...event(), type: "exposure", ...fields, config_version: shared.version });
  };

  const setUser = (next: User): void => {
    user = next;
    tell({ cause: "user", version: shared.version });
  };

  const lotwise = {
    get status(): Status {
      return isClosed || shared.isClosed ? "closed" : "ready";
    },
    environment,
    get version() {
      return shared.version;
    },
    get userKey() {
      return user.userKey;
    },
    get context() {
      return user.context ?? {};
    },
    exposures,
    tracked,
    variant(experiment: string, options?: { fallback?: any }) {
      expose(experiment);
      return peek(experiment, options);
    },
    peek,
    decideAll: () =>
      [...decisions.values()]
        .filter((it) => it.reason !== "UNKNOWN_EXPERIMENT")
        .sort((a, b) => (a.experiment < b.experiment ? -1 : 1)),
    expose,
    explain: async (experiment?: string) => (experiment === undefined ? [] : null),
    track(name: string, details: { value?: number; properties?: Context } = {}) {
      if (!isClosed && !shared.isClosed)
        tracked.push({ ...event(), type: "track", event_name: name, ...details });
    },
    setContext: (context: Context) => setUser({ ...user, context }),
    setUser,
    forUser: (other: User) => clientOf(shared, other, false),
    on(event: "change", listener: (change: Change) => void) {
      if (event !== "change") return () => {};
      const own = (change: Change) => listener(change);
      listeners.add(own);
      told.add(tell);
      return () => void listeners.delete(own);
    },
    refresh: async () => {},
    flush: async () => {},
    dehydrate: () => null,
    async close() {
      isClosed = true;
      if (isRoot) shared.isClosed = true;
      told.delete(tell);
    },
    set(next: FixedDecisions) {
      fix(shared, next);
      shared.version += 1;
      for (const tellOne of [...told]) tellOne({ cause: "snapshot", version: shared.version });
    },
    clear() {
      exposures.length = tracked.length = 0;
      exposed.clear();
    },
  };
  return lotwise as unknown as FixedLotwise;
}
