/** One request with events. */

import type { Settings } from "./options.js";
import { later, retryAfter } from "./timer.js";

/** Milliseconds after which a request is given up. */
const TIMEOUT = 10_000;
/** Browsers take no more along when a page ends, and refuse the request. */
const MAX_KEEPALIVE_BYTES = 60_000;

/** An event that waits. */
export interface Item {
  readonly text: string;
  /** In UTF-8. */
  readonly bytes: number;
  /** Whether it was sent while the page was going away, with nobody to hear the answer. */
  wasBeaconed?: boolean;
}

export interface Outcome {
  /** Whether the events need not be sent again: the server has them, or will never take them. */
  readonly isDone: boolean;
  /** Milliseconds for which the server asks to be left alone. */
  readonly wait: number;
}

/** Sends events and reports what goes wrong. Never rejects. */
export async function post(settings: Settings, items: Item[]): Promise<Outcome> {
  const { reports, eventsUrl, authorization, fetch } = settings;
  const controller = new AbortController();
  const giveUp = later(TIMEOUT, () => controller.abort());
  let isDone = false;
  let wait = 0;
  try {
    const text = body(items);
    const response = await fetch(eventsUrl!, {
      method: "POST",
      body: text,
      // A type that needs no leave of the server first.
      headers: { "content-type": "text/plain", ...authorization },
      keepalive: items.reduce((sum, item) => sum + item.bytes + 1, 20) < MAX_KEEPALIVE_BYTES,
      signal: controller.signal,
    });
    const { ok, status } = response;
    isDone = ok || (status >= 400 && status < 500 && status !== 408 && status !== 429);
    wait = retryAfter(response);
    if (isDone) {
      reports.worked("events_unavailable");
      reports.worked("overflow");
    }
    const refuse = (why: string, cause?: unknown) =>
      reports.report("events_refused", `${eventsUrl} refuses events: ${why}`, cause);
    if (ok) {
      // Read to its end, or the connection stays busy.
      const answer: any = await response.json().catch(() => {});
      if (answer?.refused?.length) refuse("see the cause.", answer.refused);
      else reports.worked("events_refused");
    } else if (isDone) {
      const check =
        status === 404
          ? "check eventsUrl."
          : status === 401 || status === 403
            ? "check apiKey."
            : "see the cause.";
      refuse(`${status}, ${check}`, await response.text().catch(() => {}));
    } else throw Error(`it answers ${status}`);
  } catch (cause) {
    if (!isDone) {
      const message = `${eventsUrl} takes no events now; they are kept.`;
      reports.report("events_unavailable", message, cause);
    }
  }
  giveUp();
  return { isDone, wait };
}

export const body = (items: Item[]): string => `{"events":[${items.map((item) => item.text)}]}`;
