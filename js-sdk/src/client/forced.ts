/** Variants that QA forces on a page. */

import { attempt } from "./safe.js";

/** Variant keys by experiment key: given, or with `true` those of `?lotwise=experiment:variant,…`. */
export function readForced(forced: unknown): ReadonlyMap<string, string> {
  return new Map(
    attempt(() =>
      forced === true
        ? (new URLSearchParams(location.search).get("lotwise") ?? "")
            .split(",")
            .map((pair) => pair.trim().split(":") as [string, string])
        : Object.entries((forced || {}) as Record<string, string>),
    ),
  );
}
