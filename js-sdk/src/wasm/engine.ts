/** A build of the core behind the interface that the client knows. */

import {
  type Engine,
  type Experiment,
  type Snapshot,
  type Subject,
  type Variant,
  type Verdict,
  verdictOf,
} from "../engine.js";
import type { Context, Explanation, Json, Reason, Sticky } from "../types.js";
import { encodeSubject, encoder } from "./encode.js";
import type { Snapshot as WasmSnapshot, Subject as WasmSubject } from "./small.js";

/** What either build exports. */
export interface Bindings {
  Snapshot: {
    load(binary: Uint8Array): WasmSnapshot | undefined;
    load_document?(document: Uint8Array): WasmSnapshot;
    refusal?(binary: Uint8Array): string | undefined;
  };
}

/** In the order of the core's `Reason`. */
const REASONS: readonly Reason[] = [
  "UNSUPPORTED",
  "CONCLUDED",
  "OVERRIDE",
  "RULE",
  "STICKY",
  "TARGETING_MISMATCH",
  "PREREQUISITE_FAILED",
  "HOLDOUT",
  "EXCLUDED_BY_GROUP",
  "NO_BUCKETING_KEY",
  "SPLIT",
  "NOT_IN_TRAFFIC",
];

/** What the core says where there is no bucket. */
const NO_BUCKET = 10_000;

/** An experiment with the verdicts that it can give, by what the core packs them into. */
interface Known extends Experiment {
  readonly variants: readonly Variant[];
  readonly verdicts: Map<number, Verdict>;
}

/** The engine of a build that has been started. */
export function engine(bindings: Bindings): Engine {
  const { Snapshot } = bindings;
  const load = (binary: Uint8Array): Snapshot => {
    const loaded = Snapshot.load(binary);
    if (!loaded) throw Error(Snapshot.refusal?.(binary) ?? "this is no snapshot that the small build takes");
    return snapshot(loaded);
  };
  if (!Snapshot.load_document) return { load };
  return { load, loadDocument: (document) => snapshot(Snapshot.load_document!(encoder.encode(document))) };
}

function snapshot(wasm: WasmSnapshot): Snapshot {
  const count = wasm.count();
  const known: (Known | undefined)[] = Array(count);
  const positions = new Map<string, number>();
  let areAllKnown = false;
  const learn = (start: number, end: number): void => {
    const described = JSON.parse(wasm.describe(start, end)) as Described[];
    described.forEach((it, offset) => (known[start + offset] ??= describe(it, start + offset)));
  };
  const all = (): Known[] => {
    if (!areAllKnown) learn(0, count);
    areAllKnown = true;
    return known as Known[];
  };
  const at = (index: number): Known => {
    if (!known[index]) learn(index, index + 1);
    return known[index]!;
  };

  return {
    environment: wasm.environment(),
    version: wasm.version(),
    wantsFull: wasm.wants_full(),
    experiments: all,
    experiment(key) {
      let index = positions.get(key);
      if (index === undefined) {
        index = wasm.find(encoder.encode(key));
        // Only what exists is remembered: callers may ask for anything.
        if (index < count) positions.set(key, index);
      }
      return index < count ? at(index) : undefined;
    },
    variant: (experiment, key) => (experiment as Known).variants.find((it) => it.key === key),
    reads(experiment) {
      const [attributes = 0, ...positions] = wasm.reads(experiment.index);
      return {
        attributes: positions.slice(0, attributes).map((it) => wasm.attribute(it)),
        experiments: positions.slice(attributes).map((it) => at(it).key),
      };
    },
    subject: (userKey, context, sticky) => subject(wasm, all, userKey, context, sticky),
  };
}

function subject(
  snapshot: WasmSnapshot,
  all: () => readonly Known[],
  userKey: string,
  context: Context,
  sticky: Sticky,
): Subject {
  const wasm = snapshot.subject(encodeSubject(userKey, context, sticky));
  if (!wasm) throw Error("the core does not take this user");
  const decided: Subject = {
    decide: (experiment) => verdict(experiment as Known, wasm.decide(experiment.index)),
    decideAll() {
      const packed = wasm.decide_all();
      return all().map((experiment, index) => verdict(experiment, packed[index]!));
    },
    bucket(experiment) {
      const bucket = wasm.bucket(experiment.index);
      return bucket === NO_BUCKET ? null : bucket;
    },
    free: () => wasm.free(),
  };
  const explaining = wasm as WasmSubject & { explain?(experiment: number): Explanation };
  if (explaining.explain) decided.explain = (experiment) => explaining.explain!(experiment.index);
  return decided;
}

/** The same object each time: there are no more of them than variants and reasons. */
function verdict(experiment: Known, packed: number): Verdict {
  let verdict = experiment.verdicts.get(packed);
  if (!verdict) {
    const variant = experiment.variants[(packed & 0xffff) - 1] ?? null;
    verdict = verdictOf(experiment, variant, REASONS[packed >> 16]!);
    experiment.verdicts.set(packed, verdict);
  }
  return verdict;
}

/** An experiment as the core describes it. */
interface Described {
  readonly experiment_key: string;
  readonly experiment_id: string;
  readonly sticky: boolean;
  readonly variants: readonly { variant_key: string; variant_id: string; payload: Json }[];
}

function describe(described: Described, index: number): Known {
  return {
    index,
    key: described.experiment_key,
    id: described.experiment_id,
    isSticky: described.sticky,
    variants: described.variants.map((it) => ({
      key: it.variant_key,
      id: it.variant_id,
      payload: frozen(it.payload),
    })),
    verdicts: new Map(),
  };
}

/** Payloads are shared by all who read them. */
function frozen(json: Json): Json {
  if (json && typeof json === "object") Object.values(Object.freeze(json)).forEach(frozen);
  return json;
}
