/** Why. Loaded when somebody asks. */

import type { Explanation } from "../types.js";
import type { Basis } from "./decisions.js";
import type { Local } from "./local.js";

/** One explanation, or all of them without a key. Rejects when the larger build cannot be loaded. */
export async function explain(
  local: Local,
  basis: Basis | undefined,
  key: string | undefined,
): Promise<Explanation | readonly Explanation[] | null> {
  const source = basis?.subject && basis.held?.source;
  if (!source) return key === undefined ? [] : null;
  const { user, sticky } = basis;
  const full = await local.engine(true);
  const snapshot = typeof source === "string" ? full.loadDocument!(source) : full.load(source);
  const subject = snapshot.subject(user.userKey!, user.context, sticky);
  if (key === undefined) return snapshot.experiments().map((experiment) => subject.explain!(experiment));
  const experiment = snapshot.experiment(key);
  return experiment ? subject.explain!(experiment) : null;
}
