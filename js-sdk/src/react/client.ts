"use client";

import { useCallback, useContext } from "react";
import type { Lotwise } from "../types.js";
import { ProvidedContext } from "./context.js";

/**
 * The client. Without a provider, and until the provider has one, a stand-in that gives fallbacks with
 * the reason NOT_READY and records nothing.
 */
export function useLotwise(): Lotwise {
  return useContext(ProvidedContext).client;
}

/** `track` of the client: the same function for as long as the client is the same. */
export function useTrack(): Lotwise["track"] {
  const client = useLotwise();
  return useCallback<Lotwise["track"]>((event, details) => client.track(event, details), [client]);
}
