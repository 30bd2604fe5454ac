/**
 * A provider for `@openfeature/server-sdk`.
 *
 * @module openfeature/server
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
} from "@openfeature/server-sdk";
import { absent } from "../absent.js";
import type { Lotwise } from "../types.js";
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
 * Evaluates flags on a server, for the context of each evaluation: `targetingKey` is the user key,
 * everything else are attributes. Evaluations that give a variant's value out record its exposure.
 */
export class LotwiseServerProvider implements Provider {
  /** The provider's name. */
  readonly metadata = { name: "lotwise" };
  /** For servers. */
  readonly runsOn = "server";
  /** READY, CONFIGURATION_CHANGED, STALE and ERROR, as the client learns. */
  readonly events = new OpenFeatureEventEmitter();
  readonly #origin: Origin;
  #client: Lotwise = absent;
  #herald: Herald | null = null;

  /** Takes a client, which stays the application's to close, a promise of one, or options to make one of. */
  constructor(source: ClientSource, settings?: ProviderSettings) {
    this.#origin = originOf(source, settings);
  }

  /** Makes the client. Rejects while there is nothing to decide on; READY follows when there is. */
  async initialize(): Promise<void> {
    const { options, open } = this.#origin;
    // A failure is told when the client has taken its new status.
    const lookSoon = () => queueMicrotask(() => this.#herald?.look());
    const client = await open(withErrors(options, lookSoon));
    this.#client = client;
    this.#herald = herald(client, {
      ready: () => this.events.emit(ProviderEvents.Ready),
      stale: (message) => this.events.emit(ProviderEvents.Stale, { message }),
      error: (message) => this.events.emit(ProviderEvents.Error, { message }),
      // Which flags changed differs from user to user.
      changed: () => this.events.emit(ProviderEvents.ConfigurationChanged),
    });
    const { status } = client;
    if (status === "loading" || status === "failed")
      throw new ProviderNotReadyError("there is no snapshot yet");
  }

  /** Tracks for the user of the context; without a `targetingKey` for nobody. */
  track(event: string, context: EvaluationContext, details?: TrackingEventDetails): void {
    if (context.targetingKey) trackWith(this.#for(context), event, details);
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
  async resolveBooleanEvaluation(
    flag: string,
    fallback: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return resolve(this.#for(context), flag, fallback, "boolean");
  }

  /** A payload that is a string, or whose only member `value` is. */
  async resolveStringEvaluation(
    flag: string,
    fallback: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return resolve(this.#for(context), flag, fallback, "string");
  }

  /** A payload that is a number, or whose only member `value` is. */
  async resolveNumberEvaluation(
    flag: string,
    fallback: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return resolve(this.#for(context), flag, fallback, "number");
  }

  /** A payload that is an object. */
  async resolveObjectEvaluation<T extends JsonValue>(
    flag: string,
    fallback: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return resolve(this.#for(context), flag, fallback, "object");
  }

  #for(openFeature: EvaluationContext): Lotwise {
    this.#herald?.look();
    const { userKey = "", context } = userOf(openFeature);
    return this.#client.forUser({ userKey, context: { ...this.#origin.options.context, ...context } });
  }
}
