/** What wasm-bindgen makes of the crate `lotwise-wasm` with feature `full`. */

import type { Explanation } from "../types.js";
import { Snapshot as SmallSnapshot, Subject as SmallSubject } from "./small.js";

export { initSync, default } from "./small.js";

export class Snapshot extends SmallSnapshot {
  static load_document(document: string): Snapshot;
  static refusal(binary: Uint8Array): string | undefined;
}

export class Subject extends SmallSubject {
  explain(experiment: number): Explanation | undefined;
}
