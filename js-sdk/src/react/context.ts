"use client";

import { createContext } from "react";
import { absent } from "../absent.js";
import type { Decision, Lotwise } from "../types.js";

/** Decisions of the time when the page began to hydrate. */
export interface Hydrated {
  readonly list: readonly Decision[];
  readonly byKey: ReadonlyMap<string, Decision>;
}

/** What the provider hands down. */
export interface Provided {
  readonly client: Lotwise;
  /** While hydrating: what the server's markup shows, whatever the client has learnt meanwhile. */
  readonly hydrated: Hydrated | null;
}

export const ProvidedContext = createContext<Provided>({ client: absent, hydrated: null });
