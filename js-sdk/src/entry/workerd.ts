/** Cloudflare Workers: the modules are imported, as nothing may be compiled there at run time. */

import { createClient, createClientSync } from "../client/create.js";
import type { Engines } from "../engine.js";
import type { Lotwise, LotwiseOptions } from "../types.js";
import { initSync, Snapshot } from "../wasm/small.js";
import wasm from "../wasm/small.wasm";
import { onceStarted, onceStartedSync } from "../wasm/start.js";

export type * from "../types.js";

const start = onceStartedSync({ initSync, Snapshot }, () => wasm);

const engines: Engines = {
  loadSmall: async () => start(),
  loadFull: onceStarted(async () => {
    const [full, wasm] = await Promise.all([import("../wasm/full.js"), import("../wasm/full.wasm")]);
    return [full, wasm.default];
  }),
};

/** Makes a client and waits for its first snapshot, at most `startTimeout`. Never rejects. */
export function createLotwise(options: LotwiseOptions): Promise<Lotwise> {
  return createClient(options, engines);
}

/** Makes a client that decides at once from `options.snapshot`. Never throws. */
export function createLotwiseSync(options: LotwiseOptions): Lotwise {
  return createClientSync(options, start, engines);
}
