/** What decides now. */

import type { Snapshot } from "../engine.js";
import type { Reason } from "../types.js";

export interface Held {
  readonly snapshot: Snapshot;
  /** Digest of the JSON document, where it is known. */
  readonly sha256?: string | undefined;
  /** What it was loaded from, the binary form or the document; none in remote mode. */
  readonly source?: Uint8Array | string;
  /** The reason for an experiment that is not in it. */
  readonly absent: Reason;
}
