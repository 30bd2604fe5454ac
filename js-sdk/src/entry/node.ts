/** Node: the modules are files beside this one. */

import { readFile } from "node:fs/promises";

import { createClient } from "../client/create.js";
import type { Engines } from "../engine.js";
import type { Lotwise, LotwiseOptions } from "../types.js";
import { initSync, Snapshot } from "../wasm/small.js";
import { onceStarted } from "../wasm/start.js";

export type * from "../types.js";

const engines: Engines = {
  loadSmall: onceStarted(async () => [
    { initSync, Snapshot },
    await readFile(new URL("../wasm/small.wasm", import.meta.url)),
  ]),
  loadFull: onceStarted(async () => [
    await import("../wasm/full.js"),
    await readFile(new URL("../wasm/full.wasm", import.meta.url)),
  ]),
};

/** Makes a client and waits for its first snapshot, at most `startTimeout`. Never rejects. */
export function createLotwise(options: LotwiseOptions): Promise<Lotwise> {
  return createClient(options, engines);
}
