/** What wasm-bindgen makes of the crate `lotwise-wasm` with feature `full`. */

import type { Explanation } from "../types.js";
import { Snapshot as SmallSnapshot, Subject as SmallSubject } from "./small.js";

export { initSync } from "./small.js";

export class Snapshot extends SmallSnapshot {
  static load_document(document: Uint8Array): Snapshot;
  static refusal(binary: Uint8Array): string | undefined;
}

export class Subject extends SmallSubject {
  explain(experiment: number): Explanation | undefined;
}
