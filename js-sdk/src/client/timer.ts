/** Timers that never keep a server process alive. */

/** The longest delay that `setTimeout` knows, in milliseconds; beyond it fires at once. */
const LONGEST = 2 ** 31 - 1;

/** Calls `run` after so many milliseconds. Returns what prevents that. */
export function later(milliseconds: number, run: () => void): () => void {
  const timer: unknown = setTimeout(run, Math.min(milliseconds, LONGEST));
  (timer as { unref?(): void }).unref?.();
  return () => clearTimeout(timer as number);
}

/** `promise`, or nothing after so many milliseconds. Keeps a process alive: somebody waits. */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer;
  await Promise.race([
    promise,
    new Promise((resolve) => (timer = setTimeout(resolve, Math.min(milliseconds, LONGEST)))),
  ]);
  clearTimeout(timer);
}

/** Milliseconds for which a server asks to be left alone: `Retry-After`, in seconds or as a date; else 0. */
export function retryAfter(response: Response): number {
  const value = response.headers.get("retry-after") ?? 0;
  return Math.max(0, (+value >= 0 ? +value * 1000 : Date.parse(value as string) - Date.now()) || 0);
}
