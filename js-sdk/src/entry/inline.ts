/** Everything in JavaScript, the modules as base64: for decisions before the first paint. */

import { createClient, createClientSync } from "../client/create.js";
import type { Engines } from "../engine.js";
import type { Lotwise, LotwiseOptions } from "../types.js";
import wasm from "../wasm/small-inline.js";
import { initSync, Snapshot } from "../wasm/small.js";
import { onceStarted, onceStartedSync } from "../wasm/start.js";

export type * from "../types.js";

const start = onceStartedSync({ initSync, Snapshot }, () => bytes(wasm));

const engines: Engines = {
  loadSmall: async () => start(),
  loadFull: onceStarted(async () => {
    const [full, wasm] = await Promise.all([import("../wasm/full.js"), import("../wasm/full-inline.js")]);
    return [full, bytes(wasm.default)];
  }),
};

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** Makes a client and waits for its first snapshot, at most `startTimeout`. Never rejects. */
export function createLotwise(options: LotwiseOptions): Promise<Lotwise> {
  return createClient(options, engines);
}

/** Makes a client that decides at once from `options.snapshot`. Never throws. */
export function createLotwiseSync(options: LotwiseOptions): Lotwise {
  return createClientSync(options, start, engines);
}
