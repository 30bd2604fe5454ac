/** What `require("lotwise")` gives in Node. */

import type { Lotwise, LotwiseOptions } from "../types.js" with { "resolution-mode": "import" };

export type * from "../types.js" with { "resolution-mode": "import" };

/** Makes a client and waits for its first snapshot, at most `startTimeout`. Never rejects. */
export declare function createLotwise(options: LotwiseOptions): Promise<Lotwise>;
