/** Looking for news again and again, but not while the page is hidden. */

import type { Reports } from "./reports.js";
import { Failure } from "./reports.js";
import { later } from "./timer.js";

/** Milliseconds after which a look is given up. */
const LOOK_TIMEOUT = 30_000;

export interface Poll {
  /** Whether the last look failed; `undefined` before the first has ended. */
  hasFailed: boolean | undefined;
  /** Looks now, or joins the look that is under way. Never rejects. */
  look(): Promise<void>;
  /** Looks at these intervals from now on. */
  start(): void;
  stop(): void;
}

/**
 * @param interval milliseconds, 0: only when asked
 * @param look rejects with a `Failure`
 */
export function createPoll(
  reports: Reports,
  interval: number,
  look: (signal: AbortSignal) => Promise<void>,
): Poll {
  let current: Promise<void> | undefined;
  let controller: AbortController | undefined;
  let cancel: (() => void) | undefined;
  let isRunning = false;
  /** When the next look is due, Unix milliseconds. */
  let due = 0;

  const run = async () => {
    const own = (controller = new AbortController());
    const giveUp = later(LOOK_TIMEOUT, () => own.abort());
    // After `stop` nobody wants to know.
    const isWanted = () => controller === own;
    let wait = interval;
    try {
      await look(own.signal);
      if (isWanted()) poll.hasFailed = false;
      ["snapshot_unavailable", "snapshot_refused", "engine_unavailable", "remote_unavailable"].map(
        reports.worked,
      );
    } catch (cause) {
      const isKnown = cause instanceof Failure;
      if (isKnown) wait = Math.max(wait, cause.wait);
      if (isWanted()) {
        poll.hasFailed = true;
        reports.report(
          isKnown ? cause.code : "snapshot_unavailable",
          isKnown ? cause.message : "The snapshot cannot be loaded; see the cause.",
          isKnown ? cause.cause : cause,
        );
      }
    }
    giveUp();
    if (!isWanted()) return;
    current = undefined;
    due = Date.now() + wait;
    schedule();
  };

  const schedule = () => {
    cancel?.();
    cancel = undefined;
    if (isRunning && interval && !current && !globalThis.document?.hidden)
      cancel = later(Math.max(0, due - Date.now()), poll.look);
  };

  const poll: Poll = {
    hasFailed: undefined,
    look: () => (current ??= run()),
    start() {
      isRunning = true;
      globalThis.document?.addEventListener?.("visibilitychange", schedule);
      schedule();
    },
    stop() {
      isRunning = false;
      globalThis.document?.removeEventListener?.("visibilitychange", schedule);
      cancel?.();
      current = undefined;
      controller?.abort();
      controller = undefined;
    },
  };
  return poll;
}
