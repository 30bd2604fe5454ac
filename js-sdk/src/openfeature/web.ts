/**
 * A provider for `@openfeature/web-sdk`.
 *
 * @module openfeature/web
 */

import {
  OpenFeatureEventEmitter,
  ProviderEvents,
  ProviderNotReadyError,
  type EvaluationContext,
  type JsonValue,
  type Provider,
  type ResolutionDetails,
  type TrackingEventDetails,
} from "@openfeature/web-sdk";
import { absent } from "../absent.js";
import type { Lotwise, LotwiseOptions, User } from "../types.js";
import { herald, type Herald } from "./herald.js";
import { resolve } from "./resolve.js";
import {
  originOf,
  userOf,
  withErrors,
  type ClientSource,
  type Origin,
  type ProviderSettings,
} from "./source.js";
import { trackWith } from "./track.js";

export type { ClientSource, ProviderSettings } from "./source.js";

/**
 * Evaluates flags in the page. OpenFeature's static context is the user: `targetingKey` is the user key,
 * everything else are attributes. Evaluations that give a variant's value out record its exposure.
 */
export class LotwiseWebProvider implements Provider {
  /** The provider's name. */
  readonly metadata = { name: "lotwise" };
  /** For pages. */
  readonly runsOn = "client";
  /** READY, CONFIGURATION_CHANGED, STALE and ERROR, as the client learns. */
  readonly events = new OpenFeatureEventEmitter();
  readonly #origin: Origin;
  /** Who is decided for where the context does not say. */
  #base: LotwiseOptions;
  #client: Lotwise = absent;
  #herald: Herald | null = null;

  /** Takes a client, which stays the application's to close, a promise of one, or options to make one of. */
  constructor(source: ClientSource, settings?: ProviderSettings) {
    this.#origin = originOf(source, settings);
    this.#base = this.#origin.options;
  }

  /** Makes the client. Rejects while there is nothing to decide on; READY follows when there is. */
  async initialize(context: EvaluationContext = {}): Promise<void> {
    const { isOwn, options, open } = this.#origin;
    const isGiven = Object.keys(context).length > 0;
    // A failure is told when the client has taken its new status.
    const lookSoon = () => queueMicrotask(() => this.#herald?.look());
    const client = await open(
      isOwn ? { ...withErrors(options, lookSoon), ...(isGiven ? this.#user(context) : {}) } : options,
    );
    this.#client = client;
    if (!isOwn) {
      if (client.userKey !== null) this.#base = { userKey: client.userKey };
      if (isGiven) client.setUser(this.#user(context));
    }
    this.#herald = herald(client, {
      ready: () => this.events.emit(ProviderEvents.Ready),
      stale: (message) => this.events.emit(ProviderEvents.Stale, { message }),
      error: (message) => this.events.emit(ProviderEvents.Error, { message }),
      changed: (flagsChanged) => this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged }),
    });
    const { status } = client;
    if (status === "loading" || status === "failed")
      throw new ProviderNotReadyError("there is no snapshot yet");
  }

  /** Decides for the new context from now on. */
  onContextChange(_before: EvaluationContext, context: EvaluationContext): void {
    const change = () => this.#client.setUser(this.#user(context));
    if (this.#herald === null) change();
    else this.#herald.quietly(change);
  }

  /** Tracks for the user of the static context. */
  track(event: string, _context: EvaluationContext, details?: TrackingEventDetails): void {
    trackWith(this.#client, event, details);
  }

  /** Sends what has gathered, and closes the client if the provider made it. */
  async onClose(): Promise<void> {
    this.#herald?.end();
    this.#herald = null;
    const client = this.#client;
    this.#client = absent;
    await (this.#origin.isOwn ? client.close() : client.flush());
  }

  /** A payload that is a boolean, or whose only member `value` is. */
  resolveBooleanEvaluation(flag: string, fallback: boolean): ResolutionDetails<boolean> {
    return this.#resolve(flag, fallback, "boolean");
  }

  /** A payload that is a string, or whose only member `value` is. */
  resolveStringEvaluation(flag: string, fallback: string): ResolutionDetails<string> {
    return this.#resolve(flag, fallback, "string");
  }

  /** A payload that is a number, or whose only member `value` is. */
  resolveNumberEvaluation(flag: string, fallback: number): ResolutionDetails<number> {
    return this.#resolve(flag, fallback, "number");
  }

  /** A payload that is an object. */
  resolveObjectEvaluation<T extends JsonValue>(flag: string, fallback: T): ResolutionDetails<T> {
    return this.#resolve(flag, fallback, "object");
  }

  #resolve<T>(flag: string, fallback: T, type: Parameters<typeof resolve>[3]): ResolutionDetails<T> {
    this.#herald?.look();
    return resolve(this.#client, flag, fallback, type);
  }

  #user(openFeature: EvaluationContext): User {
    const { userKey = this.#base.userKey ?? "", context } = userOf(openFeature);
    return { userKey, context: { ...this.#base.context, ...context } };
  }
}
