/** Which exposures have been recorded. */

import { parse, storage } from "./safe.js";

const KEY = "lotwise:exposed";
/** The oldest are forgotten: a server meets users without end. */
const MOST = 5000;

/** Tells whether something is met for the first time, in the browser session or since the page was loaded. */
export function createSeen(once: unknown): (what: string) => boolean {
  const seen = new Set<string>();
  return (what) => {
    if (once === "never") return true;
    if (seen.has(what)) return false;
    const session = once === "page" ? undefined : storage("sessionStorage");
    try {
      // Another client of the page may have written since.
      for (const known of parse(session?.getItem(KEY)) as string[]) seen.add(known);
    } catch {
      // Nothing there yet, or rubbish.
    }
    const isFirst = !seen.has(what);
    seen.add(what);
    if (seen.size > MOST) seen.delete(seen.values().next().value!);
    try {
      if (isFirst) session?.setItem(KEY, JSON.stringify([...seen]));
    } catch {
      // Full or forbidden: once per page load it is.
    }
    return isFirst;
  };
}
