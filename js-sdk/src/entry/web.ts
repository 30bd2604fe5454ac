/** Pages: the modules are fetched from beside this file. */

import { createClient } from "../client/create.js";
import type { Engines } from "../engine.js";
import type { Lotwise, LotwiseOptions } from "../types.js";
import * as small from "../wasm/small.js";
import { onceStarted } from "../wasm/start.js";

export type * from "../types.js";

const engines: Engines = {
  loadSmall: onceStarted(async () => {
    await small.default({ module_or_path: new URL("../wasm/small.wasm", import.meta.url) });
    return small;
  }),
  loadFull: onceStarted(async () => {
    const full = await import("../wasm/full.js");
    await full.default({ module_or_path: new URL("../wasm/full.wasm", import.meta.url) });
    return full;
  }),
};

/** Makes a client and waits for its first snapshot, at most `startTimeout`. Never rejects. */
export function createLotwise(options: LotwiseOptions): Promise<Lotwise> {
  return createClient(options, engines);
}
