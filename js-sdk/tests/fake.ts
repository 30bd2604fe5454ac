// A client without a core: decisions are what the test says.

import type { Change, Decision, Lotwise, Reason, Status, User } from "../src/types.js";

export interface Given {
  variant?: string | null;
  payload?: unknown;
  reason?: Reason;
}

export type Decisions = Record<string, Given>;

export interface Fake extends Lotwise {
  /** Other decisions from now on; those that stay equal stay the same objects. */
  decide(decisions: Decisions): void;
  /** Another status, told with a change. */
  become(status: Status): void;
  readonly log: string[];
  listeners(): number;
}

export function fakeLotwise(given: Decisions, forUser: (user: User) => Decisions = () => given): Fake {
  const log: string[] = [];
  const listeners = new Set<(change: Change) => void>();
  let decisions = new Map<string, Decision<any, any>>();
  const absent = new Map<string, Decision<any, any>>();
  let status: Status = "ready";
  let version = 1;
  let userKey: string | null = "user-1";

  function build(next: Decisions): Map<string, Decision<any, any>> {
    const built = new Map<string, Decision<any, any>>();
    for (const [experiment, { variant = null, payload = null, reason = "SPLIT" }] of Object.entries(next)) {
      const made = { experiment, variant, payload, reason, isOverride: reason === "OVERRIDE" };
      const before = decisions.get(experiment);
      built.set(experiment, JSON.stringify(before) === JSON.stringify(made) ? before! : made);
    }
    return built;
  }

  function peek(experiment: string, options?: { fallback?: unknown }): Decision<any, any> {
    let decision = decisions.get(experiment) ?? absent.get(experiment);
    if (decision === undefined) {
      const reason = "UNKNOWN_EXPERIMENT";
      decision = { experiment, variant: null, payload: null, reason, isOverride: false };
      absent.set(experiment, decision);
    }
    if (decision.payload === null && options?.fallback != null)
      return { ...decision, payload: options.fallback };
    return decision;
  }

  function tell(cause: Change["cause"]): void {
    for (const listener of [...listeners]) listener({ cause, version });
  }

  decisions = build(given);
  const fake: Fake = {
    log,
    get status() {
      return status;
    },
    environment: "prod",
    get version() {
      return version;
    },
    get userKey() {
      return userKey;
    },
    peek,
    variant(experiment: string, options?: { fallback?: unknown }): Decision<any, any> {
      fake.expose(experiment);
      return peek(experiment, options);
    },
    decideAll: () => [...decisions.values()].sort((a, b) => (a.experiment < b.experiment ? -1 : 1)),
    expose(experiment) {
      const { variant } = peek(experiment);
      if (variant !== null) log.push(`expose ${userKey} ${experiment} ${variant}`);
    },
    explain: (() => Promise.resolve([])) as unknown as Lotwise["explain"],
    track: (event, details) => void log.push(`track ${userKey} ${event} ${JSON.stringify(details ?? null)}`),
    setContext: (context) => {
      log.push(`context ${JSON.stringify(context)}`);
      tell("user");
    },
    setUser: (user) => {
      log.push(`user ${JSON.stringify(user)}`);
      userKey = user.userKey;
      decisions = build(forUser(user));
      tell("user");
    },
    forUser(user) {
      const child = fakeLotwise(forUser(user), forUser);
      child.log.length = 0;
      const named: Fake = {
        ...child,
        status,
        version,
        userKey: user.userKey,
        log,
        variant(experiment: string, options?: { fallback?: unknown }): Decision<any, any> {
          named.expose(experiment);
          return child.peek(experiment, options);
        },
        expose(experiment) {
          const { variant } = child.peek(experiment);
          if (variant !== null) log.push(`expose ${user.userKey} ${experiment} ${variant}`);
        },
        track: (event, details) =>
          void log.push(`track ${user.userKey} ${event} ${JSON.stringify(details ?? null)}`),
      };
      log.push(`forUser ${JSON.stringify(user)}`);
      return named;
    },
    on(_event, listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    refresh: async () => void log.push("refresh"),
    flush: async () => void log.push("flush"),
    dehydrate: () => null,
    close: async () => {
      status = "closed";
      log.push("close");
    },
    decide(next) {
      decisions = build(next);
      version += 1;
      tell("snapshot");
    },
    become(next) {
      status = next;
      tell("snapshot");
    },
    listeners: () => listeners.size,
  };
  return fake;
}
