/** The snapshot that decides in the page: fetched, checked, loaded, and kept for later. */

import type { Engine, Engines } from "../engine.js";
import type { Change } from "../types.js";
import type { Held } from "./held.js";
import { keep, recall } from "./kept.js";
import type { Settings } from "./options.js";
import { readPointer, verify, type Form, type Pointer } from "./pointer.js";
import { Failure } from "./reports.js";
import { request } from "./request.js";
import { isPage } from "./safe.js";

export interface Local {
  readonly held: Held | undefined;
  /** Loads a snapshot at once. Throws a `Failure`. */
  hold(engine: Engine, source: Uint8Array | string, sha256?: string, pointer?: Pointer): void;
  /** The build for the binary form, or for the document. Rejects with a `Failure`. */
  engine(isDocument: boolean): Promise<Engine>;
  /** Looks for a newer snapshot. Rejects with a `Failure`. */
  look(signal: AbortSignal): Promise<void>;
  /** Goes on with what an earlier start kept, unless something is held. */
  restore(): Promise<void>;
}

/** @param changed told after what decides has changed */
export function createLocal(
  settings: Settings,
  engines: Engines,
  changed: (cause: Change["cause"]) => void,
): Local {
  const { reports, snapshotUrl } = settings;
  const pointerUrl = snapshotUrl + "/version.json";
  let held: Held | undefined;
  let etag: string | null = null;
  let full: Engine | undefined;

  const engine: Local["engine"] = async (isDocument) => {
    try {
      return full ?? (isDocument ? (full = await engines.loadFull()) : await engines.loadSmall());
    } catch (cause) {
      const hint =
        "The page's policy may lack 'wasm-unsafe-eval', or the bundler left the .wasm file behind: see lotwise/inline.";
      throw new Failure("engine_unavailable", `The WebAssembly core cannot be loaded. ${hint}`, cause);
    }
  };

  const hold: Local["hold"] = (engineOf, source, sha256, pointer) => {
    let snapshot;
    try {
      snapshot = typeof source === "string" ? engineOf.loadDocument!(source) : engineOf.load(source);
      const { environment, version } = snapshot;
      const expected = pointer ?? { environment: settings.environment ?? environment, version };
      if (environment !== expected.environment || version !== expected.version)
        throw Error(
          `it is version ${version} of ${environment}, not ${expected.version} of ${expected.environment}`,
        );
    } catch (cause) {
      throw new Failure("snapshot_refused", `The snapshot is refused: ${(cause as Error)?.message}`, cause);
    }
    const now: Held = (held = { snapshot, sha256, source, absent: "UNKNOWN_EXPERIMENT" });
    changed("snapshot");
    if (snapshot.wantsFull && engineOf !== full) {
      // Until the larger build is here, what needs it is UNSUPPORTED and the rest is served.
      engine(true)
        .then((engineOf) => {
          if (held !== now) return;
          held = { ...now, snapshot: engineOf.load(source as Uint8Array) };
          changed("engine");
          reports.worked("full");
        })
        .catch((cause) => reports.report("engine_unavailable", `${cause?.message}`, cause, "full"));
    }
  };

  /** Loads one form of what the pointer means, unless something newer has come meanwhile. */
  const take = async (pointer: Pointer, form: Form, bytes: Uint8Array<ArrayBuffer>) => {
    await verify(form, bytes);
    const engineOf = await engine(!form.isBinary);
    const source = form.isBinary ? bytes : new TextDecoder().decode(bytes);
    if (!held || held.snapshot.version < pointer.version) hold(engineOf, source, pointer.sha256, pointer);
  };

  return {
    get held() {
      return held;
    },
    hold,
    engine,

    async look(signal) {
      // A browser makes the request conditional by itself, and without asking the server for leave first.
      const init: RequestInit = isPage()
        ? { cache: "no-cache", signal }
        : { headers: etag ? { "if-none-match": etag } : {}, signal };
      const response = await request(settings, "snapshot_unavailable", pointerUrl, init);
      if (response.status === 304) return;
      const broken = (cause: unknown) => {
        throw new Failure("snapshot_unavailable", `${snapshotUrl} breaks off.`, cause);
      };
      const text = (await response.text().catch(broken)) as string;
      const pointer = readPointer(text, settings.environment);
      if (!held || held.snapshot.version < pointer.version) {
        let failure: unknown;
        for (const form of pointer.forms) {
          try {
            const url = `${snapshotUrl}/${form.path}`;
            const object = await request(settings, "snapshot_unavailable", url, { signal });
            const bytes = new Uint8Array((await object.arrayBuffer().catch(broken)) as ArrayBuffer);
            await take(pointer, form, bytes);
            if (settings.keepSnapshot) void keep(pointerUrl, text, form.path, bytes);
            failure = undefined;
            break;
          } catch (cause) {
            failure ??= cause;
            // Where WebAssembly is forbidden the larger build need not be fetched.
            if ((cause as Failure).code === "engine_unavailable") break;
          }
        }
        if (failure) throw failure;
      }
      // Only now: what could not be taken is asked for again.
      etag = response.headers.get("etag");
    },

    async restore() {
      const kept = settings.keepSnapshot && !held ? await recall(pointerUrl) : undefined;
      if (!kept || held) return;
      const pointer = readPointer(kept.pointer, settings.environment);
      const form = pointer.forms.find((form) => form.path === kept.path);
      if (form) await take(pointer, form, kept.bytes);
    },
  };
}
