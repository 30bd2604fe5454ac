/** What is told to the application when something fails. */

import type { LotwiseError } from "../types.js";

export type Code = LotwiseError["code"];

export interface Reports {
  /** Tells of a failure, unless this `topic` (by default the code) has failed already and not worked since. */
  report(code: Code, message: string, cause?: unknown, topic?: string): void;
  /** The topic works. */
  worked(topic: string): void;
  /** Calls a function of the application. What goes wrong in it, now or later, is reported. */
  call<A extends unknown[]>(callback: ((...args: A) => unknown) | undefined, ...args: A): void;
}

/** A failure that knows its code. */
export class Failure extends Error {
  readonly code: Code;
  readonly wait: number;
  /** @param wait milliseconds for which the server asks to be left alone */
  constructor(code: Code, message: string, cause?: unknown, wait = 0) {
    super(message, { cause });
    this.code = code;
    this.wait = wait;
  }
}

export function createReports(onError: unknown): Reports {
  const failing = new Set<string>();

  const reports: Reports = {
    report(code, message, cause, topic = code) {
      if (failing.has(topic)) return;
      failing.add(topic);
      const error: LotwiseError = cause === undefined ? { code, message } : { code, message, cause };
      try {
        const outcome: unknown =
          typeof onError === "function"
            ? onError(error)
            : console.warn(`lotwise: ${code}: ${message}`, cause ?? "");
        // An `async` callback fails later.
        if (outcome) Promise.resolve(outcome).catch(() => {});
      } catch {
        // Nobody is left to tell.
      }
    },
    worked: (topic) => void failing.delete(topic),
    call(callback, ...args) {
      const failed = (cause: unknown) =>
        reports.report("callback_failed", "A callback of the application threw; see the cause.", cause);
      try {
        const outcome = callback?.(...args);
        if (outcome) Promise.resolve(outcome).catch(failed);
      } catch (cause) {
        failed(cause);
      }
    },
  };
  return reports;
}
