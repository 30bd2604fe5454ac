/**
 * A small engine for tests. A document names, for each experiment, the variant that everybody gets, and what to
 * do in the cases that the client treats in its own way; the binary form is the same text behind the byte 0.
 */

import {
  type Engine,
  type Engines,
  type Experiment,
  type Snapshot,
  type Verdict,
  verdictOf,
} from "../src/engine.js";
import type { Json, Reason } from "../src/types.js";

export interface TestExperiment {
  key: string;
  variants: { [key: string]: Json };
  /** What everybody gets, null for none. */
  gives: string | null;
  reason?: Reason;
  sticky?: boolean;
  /** Given only when the context's `country` is this. */
  country?: string;
  attributes?: string[];
  experiments?: string[];
}

export interface TestDocument {
  environment: string;
  version: number;
  wantsFull?: boolean;
  experiments: TestExperiment[];
}

const freeze = (value: Json): Json => {
  if (value && typeof value === "object") Object.values(value).forEach(freeze);
  return Object.freeze(value);
};

function snapshot(text: string, isFull: boolean): Snapshot {
  const document = JSON.parse(text) as TestDocument;
  const sorted = [...document.experiments].sort((a, b) => (a.key < b.key ? -1 : 1));
  const experiments = sorted.map((it, index): Experiment & { it: TestExperiment } => ({
    index,
    key: it.key,
    id: `id-${it.key}`,
    isSticky: it.sticky ?? false,
    it,
  }));
  const variants = sorted.map(
    (it) => new Map(Object.entries(it.variants).map(([key, payload]) => [key, freeze(payload)])),
  );
  return {
    environment: document.environment,
    version: document.version,
    wantsFull: (document.wantsFull ?? false) && !isFull,
    experiment: (key) => experiments.find((it) => it.key === key),
    experiments: () => experiments,
    reads: ({ index }) => ({
      attributes: sorted[index]!.attributes ?? [],
      experiments: sorted[index]!.experiments ?? [],
    }),
    variant({ index }, key) {
      const payload = variants[index]!.get(key);
      return payload === undefined ? undefined : { key, id: key, payload };
    },
    subject(userKey, context, sticky) {
      if (userKey === "trap") throw new Error("the user is refused");
      const decide = (experiment: Experiment): Verdict => {
        const it = sorted[experiment.index]!;
        const of = (key: string | null, reason: Reason): Verdict => {
          const payload = key === null ? undefined : variants[experiment.index]!.get(key);
          const variant = key === null || payload === undefined ? null : { key, id: key, payload };
          return verdictOf(experiment, variant, reason);
        };
        if (document.wantsFull && !isFull) return of(null, "UNSUPPORTED");
        const known = sticky[it.key];
        if (known !== undefined && known in it.variants) return of(known, "STICKY");
        if (it.country && context["country"] !== it.country) return of(null, "TARGETING_MISMATCH");
        return of(it.gives, it.reason ?? (it.gives === null ? "NOT_IN_TRAFFIC" : "SPLIT"));
      };
      const explain = (experiment: Experiment) => ({
        experiment_key: experiment.key,
        variant_key: decide(experiment).variant?.key ?? null,
        reason: decide(experiment).reason,
        bucket: 7,
        rules: [],
        targeting_rules: [],
        segments: [],
        gates: [],
      });
      return {
        decide,
        decideAll: () => experiments.map(decide),
        bucket: () => 7,
        ...(isFull && { explain }),
      };
    },
  };
}

const load = (isFull: boolean) => (binary: Uint8Array) => {
  if (binary[0] !== 0) throw new Error("not the binary form");
  return snapshot(new TextDecoder().decode(binary.subarray(1)), isFull);
};

export const small: Engine = { load: load(false) };
export const full: Engine = { load: load(true), loadDocument: (text) => snapshot(text, true) };

export const engines: Engines = { loadSmall: async () => small, loadFull: async () => full };

export const binaryOf = (document: TestDocument): Uint8Array<ArrayBuffer> => {
  const text = new TextEncoder().encode(JSON.stringify(document));
  const binary = new Uint8Array(text.length + 1);
  binary.set(text, 1);
  return binary;
};
