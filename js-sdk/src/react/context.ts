"use client";

import { createContext } from "react";
import { absent } from "../absent.js";
import type { Decision, Lotwise } from "../types.js";

/** What the provider hands down. */
export interface Provided {
  readonly client: Lotwise;
  /** While hydrating: what the server's markup shows, whatever the client has learnt meanwhile. */
  readonly hydrated: ReadonlyMap<string, Decision> | null;
}

export const ProvidedContext = createContext<Provided>({ client: absent, hydrated: null });
