/** What may fail without anybody minding, and what a page has that a server has not. */

/** What `run` gives, `undefined` when it throws. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** Whether this is a page. Asked when it matters, not at import: bundles are also evaluated on servers. */
export const isPage = (): boolean => typeof document !== "undefined";

/** The page's storage; `undefined` on servers and where the browser forbids it, which it does by throwing. */
export const storage = (kind: "localStorage" | "sessionStorage"): Storage | undefined =>
  attempt(() => (isPage() ? globalThis[kind] : undefined));

/** Parsed JSON, `undefined` for what is none. */
export const parse = (text: string | null | undefined): unknown =>
  attempt(() => JSON.parse(text as string) as unknown);

/** The JSON text with U+FFFD for each lone surrogate: `JSON.stringify` writes them as escapes, and only them. */
export const wellFormed = (json: string): string =>
  json.replace(/\\(\\|ud[89a-f]..)/g, (escape) => (escape[1] === "u" ? "\\ufffd" : escape));

/** A random UUID. `crypto.randomUUID` is missing in insecure contexts. */
export const uuid = (): string =>
  crypto.randomUUID?.() ??
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (+digit / 4)))).toString(16),
  );
