import type { TrackingEventDetails } from "@openfeature/core";
import type { Lotwise } from "../types.js";

/** Tracks with the client: `value` is the value, everything else is a property. */
export function trackWith(client: Lotwise, event: string, details: TrackingEventDetails | undefined): void {
  const { value, ...properties } = details ?? {};
  const tracked: NonNullable<Parameters<Lotwise["track"]>[1]> = {};
  if (value !== undefined) tracked.value = value;
  if (Object.keys(properties).length > 0) tracked.properties = properties;
  client.track(event, tracked);
}
