/** The types that an application meets. */

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Attributes of a user, e.g. `{ country: "US", plan: "pro" }`. What counts is what `JSON.stringify` makes of it. */
export type Context = { readonly [attribute: string]: unknown };

/** What the user was given before: variant key by experiment key. */
export type Sticky = { readonly [experiment: string]: string };

/**
 * The experiments of an environment. Empty here: `npx lotwise codegen` writes a file that adds to it, and
 * from then on keys are completed and payloads have types.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Experiments {}

/** The key of an experiment: those that were generated, or any string. */
export type ExperimentKey = keyof Experiments extends never ? string : keyof Experiments | (string & {});

/** The payload of an experiment: the generated type, or unknown. */
export type PayloadOf<K> = K extends keyof Experiments
  ? Experiments[K] extends { payload: infer P }
    ? P
    : unknown
  : unknown;

/**
 * What a decision's payload is: the generated type; else the one of the fallback, or the one that the caller
 * names; else anything.
 */
export type PayloadFor<K, P> = unknown extends PayloadOf<K> ? (unknown extends P ? any : P) : PayloadOf<K>;

/** The variant keys of an experiment: the generated ones, or any string. */
export type VariantOf<K> = K extends keyof Experiments
  ? Experiments[K] extends { variant: infer V extends string }
    ? V
    : string
  : string;

/**
 * Why a decision is what it is. The first group comes from the core and is the same on every host; the
 * second is about getting so far.
 */
export type Reason =
  | "SPLIT"
  | "RULE"
  | "STICKY"
  | "OVERRIDE"
  | "CONCLUDED"
  | "TARGETING_MISMATCH"
  | "PREREQUISITE_FAILED"
  | "HOLDOUT"
  | "EXCLUDED_BY_GROUP"
  | "NO_BUCKETING_KEY"
  | "NOT_IN_TRAFFIC"
  | "UNSUPPORTED"
  /** No snapshot, or no answer of the edge, yet. */
  | "NOT_READY"
  /** The snapshot has no such experiment. */
  | "UNKNOWN_EXPERIMENT"
  /** The user key is missing or too long, or the context is not JSON. */
  | "INVALID_USER"
  /** Remote mode: the edge gave this variant. It does not say why. */
  | "REMOTE"
  /** Remote mode: the edge gave none, or does not know the experiment. */
  | "REMOTE_NONE";

/** The outcome of one experiment. Stays the same object for as long as nothing about it changes. */
export interface Decision<P = unknown, V extends string = string> {
  /** The experiment's key. */
  readonly experiment: string;
  /** The variant's key, `null` when the user is not in. */
  readonly variant: V | null;
  /** The variant's payload, deeply frozen; the fallback where there is no variant or its payload is null. */
  readonly payload: P;
  /** Why. */
  readonly reason: Reason;
  /** Whether the user was pinned to the variant by QA or staff, or the page forced it. */
  readonly isOverride: boolean;
}

/** How to read a variant. */
export interface VariantOptions<P> {
  /** What `payload` is when there is no variant. Without it: null. */
  fallback?: P;
}

/** Where sticky state is kept. Never throws; a rejected write is a lost one. */
export interface StickyStore {
  /** What a user was given before in an environment. */
  load(environment: string, userKey: string): Sticky;
  /** Keeps all of it. */
  save(environment: string, userKey: string, sticky: Sticky): void;
}

/** An exposure or a tracked event, as it travels to `POST /events`. */
export interface LotwiseEvent {
  /** UUID; the server takes each once. */
  readonly id: string;
  readonly type: "exposure" | "track";
  readonly environment: string;
  readonly user_key: string;
  /** When it happened, RFC 3339. */
  readonly timestamp: string;
  readonly experiment_key?: string;
  readonly variant_key?: string;
  readonly reason?: Reason;
  readonly is_override?: boolean;
  readonly config_version?: number;
  /** Digest of the JSON document that decided, where it is known. */
  readonly snapshot_sha256?: string;
  /** Only the attributes that the experiment's rules read. */
  readonly context?: Context;
  /** The sticky state that can matter to the experiment. */
  readonly sticky?: Sticky;
  readonly event_name?: string;
  readonly value?: number;
  readonly properties?: Context;
}

/** How exposures are recorded. */
export interface ExposureOptions {
  /**
   * How often the same user, experiment and variant is recorded: once per browser session (survives
   * reloads), once per page load, or at every read.
   */
  once?: "session" | "page" | "never";
  /** Milliseconds until what has gathered is sent. Default 2000. */
  flushInterval?: number;
  /** Events per request, at most 1000. Default 100. */
  batchSize?: number;
}

/** Something that went wrong; the application goes on with fallbacks. */
export interface LotwiseError {
  /** What was tried. */
  readonly code:
    | "snapshot_unavailable"
    | "snapshot_refused"
    | "engine_unavailable"
    | "remote_unavailable"
    | "invalid_user"
    | "events_unavailable"
    | "events_refused"
    | "invalid_options"
    | "callback_failed";
  /** What happened and what to do about it. */
  readonly message: string;
  readonly cause?: unknown;
}

/** Who is decided for. */
export interface User {
  /** 1 to 512 bytes of UTF-8. */
  userKey: string;
  context?: Context;
  /** What the user was given before. Left out: as the options of the client say. */
  sticky?: Sticky;
}

/** What a server hands to the page, so that the page decides before its first paint. JSON-safe. */
export interface Bootstrap {
  /** The binary form of the snapshot, base64. */
  readonly snapshot: string;
  /** Digest of the JSON document. */
  readonly sha256?: string;
  readonly userKey?: string;
  readonly context?: Context;
  readonly sticky?: Sticky;
}

/** How to make a client. */
export interface LotwiseOptions {
  /** Where the client document is: `https://edge.example.com/prod/client`. */
  snapshotUrl?: string;
  /**
   * A snapshot that is here already: the binary form (bytes, or base64 as in {@link Bootstrap}), or the JSON
   * document (text or object), which takes the larger build.
   */
  snapshot?: Uint8Array | string | { readonly [key: string]: unknown };
  /** Digest of the JSON document of `snapshot`. */
  sha256?: string;
  userKey?: string;
  context?: Context;
  /**
   * `local` decides in the page. `remote` asks the edge, for rules that must not reach the browser; what is
   * local falls back to it where the page's policy forbids WebAssembly. Default `local`.
   */
  mode?: "local" | "remote";
  /** The environment's name. Default: the last but one part of `snapshotUrl`. */
  environment?: string;
  /** Where to ask in remote mode. Default: `/decide` on the server of `snapshotUrl`. */
  decideUrl?: string;
  /** Where events go; `null`: nowhere. Default: `/events` on the server of `snapshotUrl`. */
  eventsUrl?: string | null;
  /** A publishable key (`pk_…`), where the environment wants one. */
  apiKey?: string;
  /** Milliseconds between looks for a newer snapshot, 0: never, else at least 1000. Default 60000. */
  pollInterval?: number;
  /** Milliseconds that `createLotwise` waits for a snapshot before it goes on with the last one. Default 3000. */
  startTimeout?: number;
  /** Where sticky state is kept, or what it is, or `false`. Default `localStorage` in a page, else nowhere. */
  sticky?: "localStorage" | "cookie" | StickyStore | Sticky | false;
  /** Forced variants, for QA: given, or with `true` read from `?lotwise=experiment:variant,…`. Default off. */
  forced?: boolean | { readonly [experiment: string]: string };
  /** How exposures are recorded; `false`: not at all. */
  exposures?: ExposureOptions | false;
  /** Whether to keep the last snapshot for a start without the network. Default true. */
  keepSnapshot?: boolean;
  /** Told of each exposure as it is recorded, to forward it elsewhere. */
  onExposure?: (event: LotwiseEvent) => void;
  /** Told of each failure once, until the same thing has worked again. Default: `console.warn`. */
  onError?: (error: LotwiseError) => void;
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
}

/** What changed: decisions of these experiments may differ. */
export interface Change {
  /** `snapshot`: a newer one; `user`: another context or user; `engine`: the larger build has come. */
  readonly cause: "snapshot" | "user" | "engine";
  /** The snapshot's version, `null` in remote mode without an answer. */
  readonly version: number | null;
}

/** `loading`: nothing to decide on yet; `stale`: the last look failed; `failed`: nothing, and the first look failed. */
export type Status = "loading" | "ready" | "stale" | "failed" | "closed";

/** A rule and the outcome of each of its conditions, in order. */
export interface RuleTrace {
  readonly matches: boolean;
  readonly conditions: readonly boolean[];
}

/** Why one experiment came out as it did, step by step; from the core itself. */
export interface Explanation {
  readonly experiment_key: string;
  readonly variant_key: string | null;
  readonly reason: Reason;
  readonly bucket: number | null;
  readonly rules: readonly RuleTrace[];
  readonly targeting_rules: readonly RuleTrace[];
  readonly segments: readonly { segment: string; is_in: boolean; rules: readonly RuleTrace[] }[];
  readonly gates: readonly {
    gate: "prerequisite" | "holdout" | "group" | "sibling";
    key: string;
    passes: boolean;
    bucket: number | null;
    detail: string | null;
  }[];
}

/** Decides for one user, records what was read, and keeps itself up to date. No method throws. */
export interface Lotwise {
  readonly status: Status;
  readonly environment: string | null;
  /** Version of the snapshot that decides. */
  readonly version: number | null;
  readonly userKey: string | null;

  /** The user's variant, and records the exposure. */
  variant<K extends ExperimentKey, P = PayloadOf<K>>(
    experiment: K,
    options?: VariantOptions<unknown extends PayloadOf<K> ? P : PayloadOf<K>>,
  ): Decision<PayloadFor<K, P>, VariantOf<K>>;
  /** The same without recording anything. */
  peek<K extends ExperimentKey, P = PayloadOf<K>>(
    experiment: K,
    options?: VariantOptions<unknown extends PayloadOf<K> ? P : PayloadOf<K>>,
  ): Decision<PayloadFor<K, P>, VariantOf<K>>;
  /** Every experiment's decision, in key order, recording nothing. */
  decideAll(): readonly Decision<any>[];
  /** Records that the user met what a decision of this client gave. `variant()` does it by itself. */
  expose(experiment: ExperimentKey): void;
  /** Why; loads the larger build on first use. Null or empty where there is nothing to explain. */
  explain(experiment: ExperimentKey): Promise<Explanation | null>;
  /** Why, of every experiment, in key order. */
  explain(): Promise<readonly Explanation[]>;

  /** Records something the user did, e.g. `track("purchase", { value: 42 })`. */
  track(event: string, details?: { value?: number; properties?: Context }): void;

  /** Decides with other attributes from now on. */
  setContext(context: Context): void;
  /** Decides for somebody else from now on, e.g. after a login. */
  setUser(user: User): void;
  /** A client for another user over the same snapshot and event queue: what servers use per request. */
  forUser(user: User): Lotwise;

  /** Calls back whenever decisions may have changed. Returns what ends that. */
  on(event: "change", listener: (change: Change) => void): () => void;
  /** Looks for a newer snapshot now. */
  refresh(): Promise<void>;
  /** Sends what has gathered, as far as the server takes it. */
  flush(): Promise<void>;
  /**
   * What the page needs to start from the same snapshot and user; `null` without a snapshot in its binary form,
   * which every publisher of today writes.
   */
  dehydrate(): Bootstrap | null;
  /** Stops polling, sends what has gathered. Clients made with `forUser` end with it. */
  close(): Promise<void>;
}
