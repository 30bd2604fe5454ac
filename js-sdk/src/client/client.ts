/** The client of one user. */

import { type Subject, verdictOf } from "../engine.js";
import type { Change, Decision, Lotwise, LotwiseEvent, Status, Sticky, StickyStore, User } from "../types.js";
import { encode } from "./base64.js";
import { createDecisions, type Basis, type Entry } from "./decisions.js";
import { pickContext, pickSticky } from "./exposure.js";
import type { Held } from "./held.js";
import type { Local } from "./local.js";
import type { Settings } from "./options.js";
import { createPoll } from "./poll.js";
import type { Queue } from "./queue.js";
import type { Ask } from "./remote.js";
import { Failure } from "./reports.js";
import { request } from "./request.js";
import { attempt, isPage, uuid } from "./safe.js";
import { readUser } from "./user.js";

/** What the clients of one `createLotwise` share. */
export interface Hub {
  readonly settings: Settings;
  readonly local: Local;
  readonly queue: Queue;
  readonly store: StickyStore | undefined;
  /** The user of the options, and what was handed in for them. */
  readonly userKey: unknown;
  readonly sticky: Sticky | undefined;
  readonly forced: ReadonlyMap<string, string>;
  readonly isFirst: (exposure: string) => boolean;
  /** Clients with listeners. */
  readonly told: Set<(cause: Change["cause"]) => void>;
  /** Whether the edge decides. */
  isRemote: boolean;
  isClosed: boolean;
  status(): Status;
}

export interface Client {
  readonly lotwise: Lotwise;
  held(): Held | undefined;
  /** Looks for news: of the edge for this user, or of the snapshot. Rejects with a `Failure`. */
  look(signal: AbortSignal): Promise<void>;
}

/** @param refresh looks now and never rejects; of a root client */
export function createClient(
  hub: Hub,
  first: Partial<User>,
  refresh?: () => Promise<void>,
  close?: () => Promise<void>,
): Client {
  const { settings, local, queue, store } = hub;
  const { reports } = settings;
  const decisions = createDecisions(hub.forced);
  const listeners = new Set<(change: Change) => void>();
  /** What was given since: another write of the store may have failed. */
  let learned: Record<string, string> = {};
  let user = readUser(first);
  let basis: Basis | undefined;
  let answer: Held | undefined;
  let ask: Promise<Ask> | undefined;
  let isClosed = false;

  const held = () => (hub.isRemote ? answer : local.held);

  /** The user before the present snapshot. */
  const present = (): Basis => {
    const now = held();
    if (basis && basis.held === now && basis.user === user) return basis;
    basis?.subject?.free?.();
    basis = undefined;
    let sticky = user.sticky ?? (user.userKey === hub.userKey ? hub.sticky : undefined) ?? {};
    let subject: Subject | undefined;
    let { fault } = user;
    if (now && !fault) {
      const { snapshot } = now;
      if (store && !user.sticky) {
        const all = { ...store.load(snapshot.environment, user.userKey!), ...learned };
        // What is not sticky any more does not count any more; what is away may come back.
        const counts = ([key]: [string, string]) => snapshot.experiment(key)?.isSticky !== false;
        sticky = Object.fromEntries(Object.entries(all).filter(counts));
      }
      try {
        subject = snapshot.subject(user.userKey!, user.context, sticky);
      } catch (cause) {
        fault = attempt(() => (cause as Error).message) ?? "The user is refused.";
      }
    }
    if (fault) reports.report("invalid_user", fault);
    else if (now) reports.worked("invalid_user");
    return (basis = { held: now, user, sticky, subject, reason: fault ? "INVALID_USER" : "NOT_READY" });
  };

  const tell = (cause: Change["cause"]) => {
    const change: Change = { cause, version: held()?.snapshot.version ?? null };
    for (const listener of [...listeners]) reports.call(listener, change);
  };

  const send = (event: Omit<LotwiseEvent, "id" | "timestamp" | "user_key">) => {
    const { userKey, fault } = user;
    if (userKey === null) return reports.report("invalid_user", fault!);
    const whole: LotwiseEvent = {
      id: uuid(),
      timestamp: new Date().toISOString(),
      user_key: userKey,
      ...event,
    };
    queue.add(whole);
    if (event.type === "exposure") reports.call(settings.onExposure, whole);
  };

  const learn = ({ experiment, decision }: Entry, { held, sticky }: Basis) => {
    const { reason, variant } = decision;
    if (
      !store ||
      user.sticky ||
      !experiment?.isSticky ||
      reason !== "SPLIT" ||
      learned[experiment.key] === variant
    )
      return;
    learned[experiment.key] = variant!;
    const { environment } = held!.snapshot;
    // Another tab may have written since.
    const latest = store.load(environment, user.userKey!);
    store.save(environment, user.userKey!, { ...sticky, ...latest, ...learned });
  };

  const expose = (entry: Entry, basis: Basis) => {
    const { experiment, decision } = entry;
    const { variant, reason, isOverride } = decision;
    if (isClosed || hub.isClosed || variant === null) return;
    entry.wasExposed = settings.once !== "never";
    learn(entry, basis);
    const { snapshot, sha256 } = basis.held!;
    const { environment, version } = snapshot;
    if (!settings.records || reason === "CONCLUDED") return;
    const what = JSON.stringify([environment, user.userKey, decision.experiment, variant, +isOverride]);
    if (!hub.isFirst(what)) return;
    const reads = snapshot.reads(experiment!);
    const context = pickContext(user.context, reads);
    const sticky = pickSticky(basis.sticky, reads);
    send({
      type: "exposure",
      environment,
      experiment_key: decision.experiment,
      variant_key: variant,
      reason,
      config_version: version,
      ...(isOverride && { is_override: true }),
      ...(sha256 && { snapshot_sha256: sha256 }),
      ...(context && { context }),
      ...(sticky && { sticky }),
    });
  };

  const trap = (cause: unknown) =>
    reports.report("engine_unavailable", "The WebAssembly core failed; see the cause.", cause, "trap");

  const read = (
    key: string,
    options: { fallback?: unknown } | undefined,
    exposes: boolean,
  ): Decision<any> => {
    try {
      const basis = present();
      const entry = decisions.get(basis, key);
      if (exposes && !entry.wasExposed) expose(entry, basis);
      return decisions.withFallback(entry, options?.fallback);
    } catch (cause) {
      trap(cause);
      const payload = attempt(() => options?.fallback) ?? null;
      return { experiment: key, variant: null, payload, reason: "UNSUPPORTED", isOverride: false };
    }
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    if (!hub.isRemote) return local.look(signal);
    if (user.fault) return reports.report("invalid_user", user.fault);
    ask ??= import("./remote.js").then((remote) =>
      remote.createAsk(settings, { request, Failure, isPage, verdictOf }),
    );
    const asked = user;
    const next = await (await ask)(asked, signal);
    // Somebody else's answer is nobody's.
    if (!next || asked !== user) return;
    answer = next;
    tell("snapshot");
  };
  // Clients of `forUser` ask for themselves when the edge decides; else the snapshot is everybody's.
  const poll = createPoll(reports, 0, look);
  const again = (): Promise<void> => (hub.isRemote || !refresh ? poll.look() : refresh());

  const setUser = (next: Partial<User>) => {
    const before = user;
    user = readUser(next);
    if (user.userKey !== before.userKey) {
      learned = {};
      answer = undefined;
    }
    tell("user");
    if (hub.isRemote && !isClosed) {
      // A look under way is about the user before.
      poll.stop();
      void poll.look();
    }
  };

  if (hub.isRemote && !close) void poll.look();

  /** The current user, with what is `undefined` left out. */
  const whole = (): User => ({
    userKey: user.userKey!,
    context: user.context,
    ...(user.sticky && { sticky: user.sticky }),
  });

  const facts = new Facts({
    status: () => (isClosed || hub.isClosed ? "closed" : hub.status()),
    environment: () => held()?.snapshot.environment ?? settings.environment,
    version: () => held()?.snapshot.version ?? null,
    userKey: () => user.userKey,
  });
  const lotwise = Object.assign(facts, {
    variant: (key: string, options?: { fallback?: unknown }) => read(key, options, true),
    peek: (key: string, options?: { fallback?: unknown }) => read(key, options, false),
    decideAll() {
      try {
        return decisions.all(present());
      } catch (cause) {
        trap(cause);
        return [];
      }
    },
    expose: (key: string) => void read(key, undefined, true),
    async explain(key?: string) {
      try {
        const { explain } = await import("./explain.js");
        return await explain(local, hub.isRemote ? undefined : present(), key);
      } catch (cause) {
        reports.report("engine_unavailable", `${attempt(() => (cause as Error).message)}`, cause, "full");
        return key === undefined ? [] : null;
      }
    },
    track(name: string, details?: { value?: number; properties?: object }) {
      try {
        const { environment } = lotwise;
        if (isClosed || hub.isClosed) return;
        if (environment === null || typeof name !== "string" || !name)
          return reports.report("invalid_options", "track() needs an event's name and an environment.");
        const { value, properties } = details ?? {};
        send({
          type: "track",
          environment,
          event_name: name,
          ...(Number.isFinite(value) && { value: value! }),
          ...(properties && { properties: JSON.parse(JSON.stringify(properties)) }),
        });
      } catch (cause) {
        reports.report("events_refused", "The event is not JSON and is dropped; see the cause.", cause);
      }
    },
    setContext: (context: User["context"]) => setUser({ ...whole(), context: context! }),
    setUser,
    forUser: (other: User) => createClient(hub, other, refresh).lotwise,
    on(event: string, listener: (change: Change) => void) {
      if (event !== "change" || typeof listener !== "function") return () => {};
      // The same function twice is two listeners.
      const own = (change: Change) => listener(change);
      listeners.add(own);
      hub.told.add(tell);
      return () => {
        listeners.delete(own);
        if (!listeners.size) hub.told.delete(tell);
      };
    },
    refresh: again,
    flush: queue.flush,
    dehydrate() {
      const { source, sha256 } = local.held ?? {};
      const { sticky } = present();
      // A document takes the larger build, which no page has before its first paint.
      return !(source instanceof Uint8Array) || hub.isRemote
        ? null
        : {
            snapshot: encode(source),
            ...(sha256 && { sha256 }),
            ...(user.userKey !== null && { userKey: user.userKey, context: user.context }),
            // A page that keeps its own state is not to lose it.
            ...((user.sticky || hub.sticky || store) && { sticky }),
          };
    },
    async close() {
      isClosed = true;
      basis?.subject?.free?.();
      basis = undefined;
      hub.told.delete(tell);
      listeners.clear();
      poll.stop();
      await (close ? close() : queue.flush());
    },
  });
  return { lotwise: lotwise as unknown as Lotwise, held, look };
}

/** How a client's properties are found out. */
type Finders = { readonly [K in "status" | "environment" | "version" | "userKey"]: () => Lotwise[K] };

/** Getters on a prototype: in each client's own literal, engines would never share and hardly free them. */
class Facts {
  readonly #find: Finders;
  constructor(find: Finders) {
    this.#find = find;
  }
  get status() {
    return this.#find.status();
  }
  get environment() {
    return this.#find.environment();
  }
  get version() {
    return this.#find.version();
  }
  get userKey() {
    return this.#find.userKey();
  }
}
