/** Pages: the modules are fetched from beside this file. */

import { createClient } from "../client/create.js";
import type { Engines } from "../engine.js";
import type { Lotwise, LotwiseOptions } from "../types.js";
import { initSync, Snapshot } from "../wasm/small.js";
import { onceStarted } from "../wasm/start.js";

export type * from "../types.js";

const engines: Engines = {
  loadSmall: onceStarted(async () => [
    { initSync, Snapshot },
    await compiled(new URL("../wasm/small.wasm", import.meta.url)),
  ]),
  loadFull: onceStarted(async () => [
    await import("../wasm/full.js"),
    await compiled(new URL("../wasm/full.wasm", import.meta.url)),
  ]),
};

/** Compiles while it arrives, where the server says what it is. */
async function compiled(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw Error(`${url} answers ${response.status}`);
  return response.headers.get("content-type") === "application/wasm"
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** Makes a client and waits for its first snapshot, at most `startTimeout`. Never rejects. */
export function createLotwise(options: LotwiseOptions): Promise<Lotwise> {
  return createClient(options, engines);
}
