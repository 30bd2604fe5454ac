/** What stands in where there is no client. */

import type { Decision, Lotwise, User } from "./types.js";

const decisions = new Map<string, Decision<null>>();

/** The same object at every call, as a client's would be. */
function absentDecision(experiment: string): Decision<null> {
  let decision = decisions.get(experiment);
  if (decision === undefined) {
    decision = Object.freeze({
      experiment,
      variant: null,
      payload: null,
      reason: "NOT_READY",
      isOverride: false,
    });
    decisions.set(experiment, decision);
  }
  return decision;
}

function read(experiment: string, options?: { fallback?: unknown }): Decision<any, any> {
  const decision = absentDecision(experiment);
  return options?.fallback == null ? decision : { ...decision, payload: options.fallback };
}

const nothing: readonly never[] = Object.freeze([]);
const ignore = (): void => {};
const done = (): Promise<void> => Promise.resolve();

/** A client that knows nothing: fallbacks, reason NOT_READY, and nothing is recorded. */
export const absent: Lotwise = Object.freeze({
  status: "loading",
  environment: null,
  version: null,
  userKey: null,
  variant: read,
  peek: read,
  decideAll: () => nothing,
  expose: ignore,
  explain: ((experiment?: string) =>
    Promise.resolve(experiment === undefined ? nothing : null)) as Lotwise["explain"],
  track: ignore,
  setContext: ignore,
  setUser: ignore,
  forUser: (_user: User) => absent,
  on: () => ignore,
  refresh: done,
  flush: done,
  dehydrate: () => null,
  close: done,
});
