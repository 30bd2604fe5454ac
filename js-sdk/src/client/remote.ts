/** Decisions of the edge, for rules that must not reach the page. Loaded when it is needed. */

import type { Experiment, Snapshot, Verdict, verdictOf as verdictOfType } from "../engine.js";
import type { Json, Reason } from "../types.js";
import type { Held } from "./held.js";
import type { Settings } from "./options.js";
import type { Failure as FailureOf } from "./reports.js";
import type { request as requestOf } from "./request.js";
import type { Subjected } from "./user.js";

/** Servers and proxies take addresses of this length; longer questions are posted. */
const MAX_URL_LENGTH = 2000;

interface Assignment {
  experiment_key: string;
  experiment_id: string;
  variant_key: string;
  variant_id: string;
  payload?: Json;
  is_override?: boolean;
}

/** Asks for one user, again and again. Rejects with a `Failure`; `undefined` when nothing has changed. */
export type Ask = (user: Subjected, signal: AbortSignal) => Promise<Held | undefined>;

/**
 * What the client has loaded already is handed in: were it imported, bundlers would move it into a file of its
 * own, and every page that never asks the edge would pay for that.
 */
export interface Tools {
  readonly request: typeof requestOf;
  readonly Failure: typeof FailureOf;
  readonly isPage: () => boolean;
  readonly verdictOf: typeof verdictOfType;
}

export function createAsk(settings: Settings, { request, Failure, isPage, verdictOf }: Tools): Ask {
  const { decideUrl, environment, authorization } = settings;
  let asked = "";
  let etag: string | null = null;

  return async ({ userKey, context }, signal) => {
    if (!decideUrl || environment === null)
      throw new Failure("invalid_options", "Remote mode needs decideUrl and environment, or snapshotUrl.");
    const question = { user_key: userKey!, env: environment, context };
    const query = new URLSearchParams({ ...question, context: JSON.stringify(context) });
    const address = decideUrl + (decideUrl.includes("?") ? "&" : "?") + query;
    const isShort = address.length <= MAX_URL_LENGTH;
    const headers: Record<string, string> = { ...authorization };
    const init: RequestInit = { headers, signal };
    if (!isShort) {
      headers["content-type"] = "application/json";
      Object.assign(init, { method: "POST", body: JSON.stringify(question) });
    }
    // A browser makes a GET conditional by itself, and without asking the server for leave first.
    if (isShort && isPage()) init.cache = "no-cache";
    else if (etag && asked === address) headers["if-none-match"] = etag;

    const response = await request(settings, "remote_unavailable", isShort ? address : decideUrl, init);
    if (response.status === 304) return undefined;
    let held: Held;
    try {
      held = { snapshot: snapshot(environment, await response.json(), verdictOf), absent: "REMOTE_NONE" };
    } catch (cause) {
      throw new Failure("remote_unavailable", `${decideUrl} answers what is no decision.`, cause);
    }
    asked = address;
    etag = response.headers.get("etag");
    return held;
  };
}

/** An answer in the shape of a snapshot that gives everybody the same. */
function snapshot(
  environment: string,
  answer: { config_version: number; assignments: Assignment[] },
  verdictOf: Tools["verdictOf"],
): Snapshot {
  const verdicts = answer.assignments.map((it, index): Verdict => {
    const reason: Reason = it.is_override ? "OVERRIDE" : "REMOTE";
    const experiment = { index, key: it.experiment_key, id: it.experiment_id, isSticky: false };
    const variant = { key: it.variant_key, id: it.variant_id, payload: freeze(it.payload ?? null) };
    return verdictOf(experiment, variant, reason);
  });
  const byKey = new Map<string, Experiment>(verdicts.map((it) => [it.experiment.key, it.experiment]));
  const subject = {
    decide: (experiment: Experiment) => verdicts[experiment.index]!,
    decideAll: () => verdicts,
    bucket: () => null,
  };
  return {
    environment,
    version: answer.config_version,
    wantsFull: false,
    experiment: (key) => byKey.get(key),
    experiments: () => [...byKey.values()],
    // The edge says nothing of variants that it does not give.
    variant: (experiment, key) => {
      const { variant } = verdicts[experiment.index]!;
      return variant?.key === key ? variant : undefined;
    },
    reads: () => ({ attributes: [], experiments: [] }),
    subject: () => subject,
  };
}

/** Deeply. */
function freeze(value: Json): Json {
  if (value && typeof value === "object") {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}
