/**
 * Events on their way to the server. They stay in the queue, and in `localStorage`, until the server has said
 * that it has them; as it takes each id once, sending one twice does no harm, and whatever is in doubt is sent
 * again.
 */

import type { LotwiseEvent } from "../types.js";
import type { Settings } from "./options.js";
import { attempt, isPage, parse, storage, uuid, wellFormed } from "./safe.js";
import { body, post, type Item, type Outcome } from "./post.js";
import { later } from "./timer.js";

/** Browsers let go of 64 KiB in all when a page ends. */
const MAX_REQUEST_BYTES = 60_000;
/** Milliseconds. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 300_000;

export interface Queue {
  add(event: LotwiseEvent): void;
  /** Sends everything, until the server will not take more. Never rejects. */
  flush(): Promise<void>;
  /** Sends everything a last time; later events are forgotten. */
  close(): Promise<void>;
}

const item = (text: string): Item => ({ text, bytes: new TextEncoder().encode(text).length });

export function createQueue(settings: Settings): Queue {
  /** Events that may wait; beyond them the oldest go. A server has many users, and a page little storage. */
  const most = isPage() ? 1000 : 20_000;
  const { reports, eventsUrl, batchSize, flushInterval } = settings;
  const prefix = `lotwise:events:${eventsUrl}:`;
  const key = attempt(() => prefix + uuid());
  let items: Item[] = [];
  let failures = 0;
  /** Unix milliseconds. */
  let notBefore = 0;
  let isStored = false;
  let isClosed = false;
  let cancel: (() => void) | undefined;
  let sending: Promise<void> | undefined;

  const store = () =>
    attempt(() => {
      isStored = false;
      const local = storage("localStorage");
      if (items.length) local?.setItem(key!, `[${items.map((item) => item.text)}]`);
      else local?.removeItem(key!);
    });

  /** Stores once for all that the application does in one go. */
  const storeSoon = () => {
    if (!isStored) queueMicrotask(store);
    isStored = true;
  };

  const push = (more: Item[]) => {
    items.push(...more);
    if (items.length > most) {
      items = items.slice(-most);
      const message = `More than ${most} events wait; the oldest are dropped.`;
      reports.report("events_unavailable", message, undefined, "overflow");
    }
    storeSoon();
    if (items.length >= batchSize && Date.now() >= notBefore) void flush();
    else schedule();
  };

  const schedule = () => {
    cancel ??= later(Math.max(flushInterval, notBefore - Date.now()), flush);
  };

  /** As many as fit into one request. */
  const chunk = (from: Item[]): Item[] => {
    let bytes = 0;
    const end = from.findIndex(
      (item, at) =>
        (at && (at >= batchSize || bytes + item.bytes > MAX_REQUEST_BYTES)) ||
        ((bytes += item.bytes + 1), false),
    );
    // A copy: what is added while it is on its way is not part of it.
    return from.slice(0, end < 0 ? from.length : end);
  };

  /** Draws the consequences. Returns whether to go on. */
  const settle = (batch: Item[], { isDone, wait }: Outcome): boolean => {
    if (isDone) {
      const gone = new Set(batch);
      items = items.filter((item) => !gone.has(item));
      failures = notBefore = 0;
      store();
    } else {
      const backoff = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures++);
      // Spread, so that pages which failed together do not come back together.
      notBefore = Date.now() + Math.max(wait, backoff * (0.5 + Math.random() / 2));
    }
    return isDone;
  };

  const drain = async () => {
    cancel?.();
    cancel = undefined;
    for (let batch; items.length;) {
      batch = chunk(items);
      if (!settle(batch, await post(settings, batch))) break;
    }
    sending = undefined;
    if (items.length && !isClosed) schedule();
  };
  const flush = (): Promise<void> => (sending ??= items.length ? drain() : undefined) ?? Promise.resolve();

  /** The page may end now. */
  const leave = () => {
    store();
    let left = items.filter((item) => !item.wasBeaconed);
    for (let batch; left.length; left = left.slice(batch.length)) {
      const now = (batch = chunk(left));
      for (const item of now) item.wasBeaconed = true;
      // A beacon carries no key.
      const isBeaconed =
        !settings.authorization.authorization && attempt(() => navigator.sendBeacon(eventsUrl!, body(now)));
      if (!isBeaconed) void post(settings, now).then((outcome) => settle(now, outcome));
    }
  };
  const hidden = () => {
    if (document.hidden) leave();
  };

  const listen = (how: "addEventListener" | "removeEventListener") => {
    if (!isPage()) return;
    attempt(() => document[how]("visibilitychange", hidden));
    attempt(() => globalThis[how]("pagehide", leave));
  };

  if (eventsUrl) {
    listen("addEventListener");
    // What earlier pages left behind; other tabs that still live send theirs as well.
    attempt(() => {
      const local = storage("localStorage")!;
      const keys = Array.from({ length: local.length }, (_, at) => local.key(at)!);
      for (const left of keys.filter((key) => key.startsWith(prefix))) {
        const events = parse(local.getItem(left));
        if (Array.isArray(events)) push(events.map((event) => item(JSON.stringify(event))));
        local.removeItem(left);
      }
    });
  }

  return {
    add(event) {
      if (eventsUrl && !isClosed) push([item(wellFormed(JSON.stringify(event)))]);
    },
    flush,
    async close() {
      isClosed = true;
      listen("removeEventListener");
      await flush();
      cancel?.();
    },
  };
}
