/** Starting builds once. */

import type { Engine } from "../engine.js";
import { type Bindings, engine } from "./engine.js";

/** Starts a build at the first call. What failed is tried again at the next. */
export function onceStarted<B extends Bindings>(start: () => Promise<B>): () => Promise<Engine> {
  let started: Promise<Engine> | undefined;
  return () => {
    started ??= start()
      .then(engine)
      .catch((error: unknown) => {
        started = undefined;
        throw error;
      });
    return started;
  };
}

/** The same for a build that is here already. */
export function onceStartedSync<B extends Bindings>(start: () => B): () => Engine {
  let started: Engine | undefined;
  return () => (started ??= engine(start()));
}
