/** The options of an application, read once: getters may throw, values may be anything. */

import type { LotwiseError, LotwiseEvent, LotwiseOptions, Sticky, StickyStore } from "../types.js";
import { attempt } from "./safe.js";
import { createReports, type Reports } from "./reports.js";

export interface Settings {
  readonly reports: Reports;
  readonly get: <K extends keyof LotwiseOptions>(name: K) => LotwiseOptions[K];
  /** Without a slash at the end. */
  readonly snapshotUrl: string | undefined;
  readonly environment: string | null;
  readonly decideUrl: string | undefined;
  readonly eventsUrl: string | undefined;
  readonly isRemote: boolean;
  /** What requests are authorised with. */
  readonly authorization: Record<string, string>;
  readonly pollInterval: number;
  readonly startTimeout: number;
  readonly flushInterval: number;
  readonly batchSize: number;
  readonly records: boolean;
  readonly once: unknown;
  readonly sticky: "localStorage" | "cookie" | StickyStore | Sticky | false | undefined;
  readonly forced: unknown;
  readonly keepSnapshot: boolean;
  readonly onExposure: ((event: LotwiseEvent) => void) | undefined;
  readonly fetch: typeof fetch;
}

/** The number if it is at least `least`, else the default. */
const number = (value: unknown, byDefault: number, least = 0): number =>
  typeof value === "number" && value >= 0 ? Math.max(value, least) : byDefault;

export function readOptions(options: LotwiseOptions): Settings {
  let cause: unknown;
  const get = <T extends object, K extends keyof T>(object: T, name: K): T[K] | undefined => {
    try {
      return object?.[name] ?? undefined;
    } catch (thrown) {
      cause = thrown ?? "unknown";
      return undefined;
    }
  };
  const option = <K extends keyof LotwiseOptions>(name: K) => get(options, name) as LotwiseOptions[K];
  const text = (name: "snapshotUrl" | "environment" | "decideUrl" | "eventsUrl" | "apiKey") => {
    const value: unknown = option(name);
    return typeof value === "string" ? value : undefined;
  };

  const reports = createReports(option("onError") as ((error: LotwiseError) => void) | undefined);
  const invalid = (message: string) => reports.report("invalid_options", message, cause, message);
  const snapshotUrl = text("snapshotUrl")?.replace(/\/+$/, "");
  // A snapshot that was handed in names no server.
  const base = snapshotUrl ? attempt(() => new URL(snapshotUrl, globalThis.location?.href)) : undefined;
  const besideIt = (path: string) => base && new URL(path, base).href;
  const apiKey = text("apiKey");
  const pollInterval: unknown = option("pollInterval");
  const exposures: unknown = option("exposures");
  const exposure = (name: "once" | "flushInterval" | "batchSize"): unknown =>
    get(exposures as Record<string, unknown>, name);
  const fetcher: unknown = option("fetch");
  const isNowhere = attempt(() => options.eventsUrl) === null;

  const settings: Settings = {
    reports,
    get: option,
    snapshotUrl,
    environment: text("environment") ?? base?.pathname.split("/").filter(Boolean).at(-2) ?? null,
    decideUrl: text("decideUrl") ?? besideIt("/decide"),
    eventsUrl: isNowhere ? undefined : (text("eventsUrl") ?? besideIt("/events")),
    isRemote: (option("mode") ?? "local") !== "local",
    authorization: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
    pollInterval: pollInterval === 0 ? 0 : number(pollInterval, 60_000, 1000),
    startTimeout: number(option("startTimeout"), 3000),
    flushInterval: number(exposure("flushInterval"), 2000),
    batchSize: Math.min(number(exposure("batchSize"), 100, 1), 1000),
    records: exposures !== false,
    once: exposure("once"),
    sticky: option("sticky"),
    forced: option("forced"),
    keepSnapshot: option("keepSnapshot") !== false,
    onExposure: option("onExposure"),
    // Looked up at each call, and called without `this`, which browsers insist on.
    fetch: (typeof fetcher === "function"
      ? fetcher
      : (...args: Parameters<typeof fetch>) => fetch(...args)) as typeof fetch,
  };
  if (cause) invalid("An option cannot be read; see the cause.");
  const mode = option("mode") ?? "local";
  // A slip here would bring rules to a page that must not see them.
  if (mode !== "local" && mode !== "remote") invalid("mode is neither local nor remote; the edge decides.");
  if (snapshotUrl && !base) invalid("snapshotUrl is no URL; outside a page it has to be absolute.");
  if (!snapshotUrl && !option("snapshot") && !settings.isRemote)
    invalid("Neither snapshotUrl nor snapshot is given, so there is nothing to decide on.");
  return settings;
}
