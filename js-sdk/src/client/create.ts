/** How a client starts. */

import type { Engine, Engines } from "../engine.js";
import type { Lotwise, LotwiseOptions } from "../types.js";
import { decode } from "./base64.js";
import { createClient as clientOf, type Hub } from "./client.js";
import { readForced } from "./forced.js";
import { createLocal } from "./local.js";
import { readOptions } from "./options.js";
import { createPoll } from "./poll.js";
import { createQueue } from "./queue.js";
import { Failure } from "./reports.js";
import { attempt } from "./safe.js";
import { createSeen } from "./seen.js";
import { stickyStore } from "./sticky.js";
import { within } from "./timer.js";
import { readSticky } from "./user.js";

/** Milliseconds that the browser gets for bringing what it kept. */
const RESTORE_TIMEOUT = 1000;

/** Starts a client and waits until it can decide, or `startTimeout`. Never rejects. */
export async function createClient(options: LotwiseOptions, engines: Engines): Promise<Lotwise> {
  const root = createRoot(options, engines);
  await root.load();
  await root.start();
  return root.lotwise;
}

/**
 * Starts a client that decides at once on the `snapshot` of its options. Never throws.
 *
 * @param small gives the small build; may throw where WebAssembly is forbidden
 */
export function createClientSync(options: LotwiseOptions, small: () => Engine, engines: Engines): Lotwise {
  const root = createRoot(options, engines);
  if (!root.loadNow(small)) void root.load().then(root.start);
  else void root.start();
  return root.lotwise;
}

function createRoot(options: LotwiseOptions, engines: Engines) {
  const settings = readOptions(options);
  const { reports, get, snapshotUrl, pollInterval } = settings;
  /** Whether nothing can come. */
  let isHopeless = !snapshotUrl && !settings.isRemote && get("snapshot") === undefined;
  const local = createLocal(settings, engines, (cause) => hub.told.forEach((tell) => tell(cause)));
  const queue = createQueue(settings);
  const store = stickyStore(settings);
  const hub: Hub = {
    settings,
    local,
    queue,
    store,
    userKey: get("userKey"),
    sticky: store ? undefined : readSticky(settings.sticky),
    forced: readForced(settings.forced),
    isFirst: createSeen(settings.once),
    told: new Set(),
    isRemote: settings.isRemote,
    isClosed: false,
    status: () =>
      client.held()
        ? poll.hasFailed
          ? "stale"
          : "ready"
        : poll.hasFailed || isHopeless
          ? "failed"
          : "loading",
  };

  /** Without WebAssembly the edge decides. */
  const orRemote = async (cause: unknown, signal?: AbortSignal): Promise<void> => {
    if (!(cause instanceof Failure) || cause.code !== "engine_unavailable" || local.held) throw cause;
    if (!settings.decideUrl || settings.environment === null) throw cause;
    reports.report(cause.code, cause.message, cause.cause, "remote");
    hub.isRemote = true;
    if (signal) await client.look(signal);
  };

  const poll = createPoll(reports, pollInterval, async (signal) => {
    if (!snapshotUrl && !hub.isRemote) return;
    await client.look(signal).catch((cause) => orRemote(cause, signal));
  });

  const user = { userKey: get("userKey")!, context: get("context")! };
  const client = clientOf(hub, user, poll.look, async () => {
    hub.isClosed = true;
    hub.told.clear();
    poll.stop();
    await queue.close();
  });

  const given = get("snapshot");
  const isDocument = typeof given === "string" ? /^\s*\{/.test(given) : !(given instanceof Uint8Array);
  const hold = (engine: Engine) => {
    const source =
      given instanceof Uint8Array
        ? given
        : typeof given !== "string"
          ? JSON.stringify(given)
          : isDocument
            ? given
            : decode(given);
    local.hold(engine, source, get("sha256"));
  };
  const refused = (cause: unknown) => {
    // Nothing else is on its way.
    isHopeless = !snapshotUrl;
    const { code, message } = cause as Failure;
    if (cause instanceof Failure) reports.report(code, message, cause.cause);
    else reports.report("snapshot_refused", "The option snapshot is no snapshot; see the cause.", cause);
  };

  return {
    lotwise: client.lotwise,

    /** Whether there is nothing left to load. */
    loadNow(small: () => Engine): boolean {
      if (given === undefined || hub.isRemote) return true;
      const engine = attempt(small);
      if (!engine || (isDocument && !engine.loadDocument)) return false;
      try {
        hold(engine);
      } catch (cause) {
        refused(cause);
      }
      return true;
    },

    /** Loads the snapshot of the options. */
    async load(): Promise<void> {
      if (given === undefined || hub.isRemote) return;
      try {
        hold(await local.engine(isDocument));
      } catch (cause) {
        await orRemote(cause).catch(refused);
      }
    },

    /** Looks for the first time, and from then on. Waits only while there is nothing to decide on. */
    async start(): Promise<void> {
      const look = local.held && !pollInterval ? undefined : poll.look();
      if (!client.held()) {
        await within(settings.startTimeout, look!);
        if (!client.held() && !hub.isRemote && snapshotUrl) {
          await within(
            RESTORE_TIMEOUT,
            local.restore().catch(() => {}),
          );
          if (client.held()) poll.hasFailed = true;
        }
      }
      poll.start();
    },
  };
}
