/** One build of the WebAssembly core, and what was loaded into it. */

import type { Context, Decision, Explanation, Json, Reason, Sticky } from "./types.js";

/** A variant. */
export interface Variant {
  readonly key: string;
  readonly id: string;
  /** Deeply frozen; null when it has none. */
  readonly payload: Json;
}

/** An experiment of a snapshot. */
export interface Experiment {
  /** Position in key order. */
  readonly index: number;
  readonly key: string;
  readonly id: string;
  /** Whether hosts remember what it assigns. */
  readonly isSticky: boolean;
}

/** What the core says. */
export interface Verdict {
  readonly experiment: Experiment;
  readonly variant: Variant | null;
  readonly reason: Reason;
  /** As applications get it, without a fallback. */
  readonly decision: Decision<any>;
}

/** A verdict. There are few of them, and each is given to many. */
export function verdictOf(experiment: Experiment, variant: Variant | null, reason: Reason): Verdict {
  return { experiment, variant, reason, decision: decisionOf(experiment.key, variant, reason) };
}

/** A decision without a fallback. */
export function decisionOf(experiment: string, variant: Variant | null, reason: Reason): Decision<any> {
  return Object.freeze({
    experiment,
    variant: variant ? variant.key : null,
    payload: variant ? variant.payload : null,
    reason,
    isOverride: reason === "OVERRIDE",
  });
}

/** What a decision of an experiment can depend on, beside the user key. */
export interface Reads {
  /** Names of attributes, as conditions and `bucket_by` spell them. */
  readonly attributes: readonly string[];
  /** Keys of experiments whose sticky state matters. */
  readonly experiments: readonly string[];
}

/** A loaded snapshot. */
export interface Snapshot {
  readonly environment: string;
  readonly version: number;
  /** Whether some of it needs the larger build. */
  readonly wantsFull: boolean;
  /** By key. */
  experiment(key: string): Experiment | undefined;
  /** In key order. */
  experiments(): readonly Experiment[];
  reads(experiment: Experiment): Reads;
  /** The experiment's variant of this key. */
  variant(experiment: Experiment, key: string): Variant | undefined;
  /** Starts on a user whose context is JSON. Throws an `Error` that says what is wrong with the user. */
  subject(userKey: string, context: Context, sticky: Sticky): Subject;
}

/** A user before a snapshot. Decisions of one subject never change. */
export interface Subject {
  decide(experiment: Experiment): Verdict;
  /** In key order. */
  decideAll(): readonly Verdict[];
  /** The user's bucket in the experiment, whatever the reason; null where there is none. */
  bucket(experiment: Experiment): number | null;
  /** Gives the memory of the core back early; nothing may be asked afterwards. */
  free?(): void;
  /** The larger build only. */
  explain?(experiment: Experiment): Explanation;
}

/** A build of the core. */
export interface Engine {
  /** Loads the binary form. Throws an `Error` that says why it is refused. */
  load(binary: Uint8Array): Snapshot;
  /** Loads the JSON document. The larger build only. */
  loadDocument?(document: string): Snapshot;
}

/** How an entry point gets at the two builds. Rejects where WebAssembly is forbidden or a file is missing. */
export interface Engines {
  loadSmall(): Promise<Engine>;
  loadFull(): Promise<Engine>;
}
