/** What one user is given, remembered for as long as it holds. */

import type { Experiment, Subject, Verdict } from "../engine.js";
import type { Decision, Reason, Sticky } from "../types.js";
import type { Held } from "./held.js";
import type { Subjected } from "./user.js";

/** A decision and what has been made of it. */
export interface Entry {
  /** What it was decided on; another one: look again. */
  readonly basis: object;
  readonly experiment?: Experiment | undefined;
  readonly decision: Decision<any>;
  /** The decision with a fallback as its payload, by fallback; objects are let go with the application's. */
  readonly objects: WeakMap<object, Decision<any>>;
  readonly others: Map<unknown, Decision<any>>;
  wasExposed?: boolean;
}

/** Fallbacks that are no objects, per experiment; made up afresh at each call they would never end. */
const MOST_FALLBACKS = 100;
/** Experiments that are remembered, published or not. */
const MOST_ENTRIES = 10_000;

/** A user before a snapshot, until one of them changes. */
export interface Basis {
  readonly held: Held | undefined;
  readonly user: Subjected;
  readonly sticky: Sticky;
  /** None without a snapshot, or where the user is refused. */
  readonly subject?: Subject | undefined;
  readonly reason: Reason;
}

const outcome = (
  experiment: string,
  variant: Verdict["variant"] | undefined,
  reason: Reason,
  payload: unknown = variant?.payload ?? null,
): Decision<any> =>
  Object.freeze({
    experiment,
    variant: variant?.key ?? null,
    payload,
    reason,
    isOverride: reason === "OVERRIDE",
  });

const isSame = (a: Decision, b: Decision): boolean =>
  a.variant === b.variant &&
  a.reason === b.reason &&
  (a.payload === b.payload || JSON.stringify(a.payload) === JSON.stringify(b.payload));

export interface Decisions {
  get(basis: Basis, key: string): Entry;
  all(basis: Basis): readonly Decision<any>[];
  withFallback(entry: Entry, fallback: unknown): Decision<any>;
}

export function createDecisions(forced: ReadonlyMap<string, string>): Decisions {
  const entries = new Map<string, Entry>();
  let last: readonly Decision<any>[] = [];

  const enter = (basis: Basis, key: string, experiment?: Experiment, known?: Verdict): Entry => {
    const { held, subject } = basis;
    let verdict: Pick<Verdict, "variant" | "reason"> = {
      variant: null,
      reason: subject ? held!.absent : basis.reason,
    };
    if (subject && experiment) {
      const force = forced.get(key);
      const variant = force && held!.snapshot.variant(experiment, force);
      verdict = variant ? { variant, reason: "OVERRIDE" } : (known ?? subject.decide(experiment));
    }
    const decision = outcome(key, verdict.variant, verdict.reason);
    const old = entries.get(key);
    const entry: Entry =
      old && isSame(old.decision, decision)
        ? { ...old, basis, experiment, wasExposed: false }
        : { basis, experiment, decision, objects: new WeakMap(), others: new Map() };
    // Names made up afresh at each call would never end.
    if (entries.size > MOST_ENTRIES) entries.clear();
    entries.set(key, entry);
    return entry;
  };

  const get: Decisions["get"] = (basis, key) => {
    const entry = entries.get(key);
    return entry?.basis === basis
      ? entry
      : enter(basis, key, basis.subject && basis.held!.snapshot.experiment(key));
  };

  return {
    get,
    all(basis) {
      const verdicts = basis.subject?.decideAll() ?? [];
      const all = verdicts.map((it) => {
        const entry = entries.get(it.experiment.key);
        return (entry?.basis === basis ? entry : enter(basis, it.experiment.key, it.experiment, it)).decision;
      });
      if (all.length !== last.length || all.some((it, at) => it !== last[at])) last = Object.freeze(all);
      return last;
    },
    withFallback({ decision, objects, others }, fallback) {
      if (fallback === undefined || decision.payload !== null) return decision;
      const known = Object(fallback) === fallback ? objects : others;
      if (others.size > MOST_FALLBACKS) others.clear();
      let own = known.get(fallback as object);
      if (!own) known.set(fallback as object, (own = Object.freeze({ ...decision, payload: fallback })));
      return own;
    },
  };
}
