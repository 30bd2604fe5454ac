"use client";

/**
 * React bindings: a provider and hooks, for React 18 and 19, in the browser and on the server.
 *
 * @module react
 */

export { LotwiseProvider, type LotwiseProviderProps } from "./provider.js";
export { useLotwise, useTrack } from "./client.js";
export { useVariant } from "./variant.js";
export { useDecisions } from "./decisions.js";
