/** What one user is given, remembered for as long as it holds. */

import { decisionOf, type Experiment, type Subject, type Verdict } from "../engine.js";
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
  objects?: WeakMap<object, Decision<any>>;
  others?: Map<unknown, Decision<any>>;
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
  /** What `all` said, and of what. */
  let last: readonly Decision<any>[] = [];
  let lastBasis: Basis | undefined;

  /** What is decided, in the object that was given for it before if nothing has changed. */
  const decided = (basis: Basis, key: string, experiment?: Experiment, known?: Verdict): Decision<any> => {
    const { held, subject, reason } = basis;
    let decision: Decision<any>;
    if (subject && experiment) {
      const force = forced.get(key);
      const variant = force && held!.snapshot.variant(experiment, force);
      decision = variant
        ? decisionOf(key, variant, "OVERRIDE")
        : (known ?? subject.decide(experiment)).decision;
    } else decision = decisionOf(key, null, subject ? held!.absent : reason);
    const at = last[experiment?.index ?? 0];
    const old = entries.get(key)?.decision ?? (at?.experiment === key ? at : undefined);
    return old && isSame(old, decision) ? old : decision;
  };

  const get: Decisions["get"] = (basis, key) => {
    const old = entries.get(key);
    if (old?.basis === basis) return old;
    const experiment = basis.subject && basis.held!.snapshot.experiment(key);
    const decision = decided(basis, key, experiment);
    const entry: Entry =
      old?.decision === decision
        ? { ...old, basis, experiment, wasExposed: false }
        : { basis, experiment, decision };
    // Names made up afresh at each call would never end.
    if (entries.size > MOST_ENTRIES) entries.clear();
    entries.set(key, entry);
    return entry;
  };

  return {
    get,
    all(basis) {
      if (basis === lastBasis) return last;
      const verdicts = basis.subject?.decideAll() ?? [];
      const all = verdicts.map((it) => decided(basis, it.experiment.key, it.experiment, it));
      if (all.length !== last.length || all.some((it, at) => it !== last[at])) last = Object.freeze(all);
      lastBasis = basis;
      return last;
    },
    withFallback(entry, fallback) {
      const { decision } = entry;
      if (fallback === undefined || decision.payload !== null) return decision;
      if ((entry.others?.size ?? 0) > MOST_FALLBACKS) entry.others!.clear();
      const known: {
        get(key: unknown): Decision<any> | undefined;
        set(key: unknown, own: unknown): unknown;
      } =
        Object(fallback) === fallback
          ? ((entry.objects ??= new WeakMap()) as WeakMap<any, Decision<any>>)
          : (entry.others ??= new Map());
      let own = known.get(fallback);
      if (!own) known.set(fallback, (own = Object.freeze({ ...decision, payload: fallback })));
      return own;
    },
  };
}
