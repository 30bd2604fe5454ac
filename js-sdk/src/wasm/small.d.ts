/** What wasm-bindgen makes of the crate `lotwise-wasm`: the small build. */

export class Snapshot {
  private constructor();
  static load(binary: Uint8Array): Snapshot | undefined;
  environment(): string;
  version(): number;
  wants_full(): boolean;
  count(): number;
  find(key: Uint8Array): number;
  describe(start: number, end: number): string;
  reads(experiment: number): Uint32Array;
  attribute(position: number): string;
  subject(subject: Uint8Array): Subject | undefined;
}

export class Subject {
  private constructor();
  decide(experiment: number): number;
  decide_all(): Uint32Array;
  bucket(experiment: number): number;
  free(): void;
}

/** Starts the module. */
export function initSync(input: { module: WebAssembly.Module | BufferSource }): unknown;
