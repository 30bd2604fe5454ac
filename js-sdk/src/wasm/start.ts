/** Starting builds once. */

import type { Engine } from "../engine.js";
import { type Bindings, engine } from "./engine.js";

/** A build before its start. */
interface Build extends Bindings {
  initSync(input: { module: WebAssembly.Module | BufferSource }): unknown;
}

/** Starts a build at the first call. What failed is tried again at the next. */
export function onceStarted(
  load: () => Promise<readonly [Build, WebAssembly.Module | BufferSource]>,
): () => Promise<Engine> {
  let started: Promise<Engine> | undefined;
  return () => {
    started ??= load()
      .then(([build, module]) => start(build, module))
      .catch((error: unknown) => {
        started = undefined;
        throw error;
      });
    return started;
  };
}

/** The same for a module that is here already. */
export function onceStartedSync(build: Build, module: () => WebAssembly.Module | BufferSource): () => Engine {
  let started: Engine | undefined;
  return () => (started ??= start(build, module()));
}

function start(build: Build, module: WebAssembly.Module | BufferSource): Engine {
  build.initSync({ module });
  return engine(build);
}
