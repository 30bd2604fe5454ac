/** Requests that either answer something usable or fail with a reason. */

import type { Settings } from "./options.js";
import { Failure, type Code } from "./reports.js";
import { retryAfter } from "./timer.js";

/** The answer, 2xx or 304. Rejects with a `Failure` of this code. */
export async function request(
  { fetch }: Settings,
  code: Code,
  url: string,
  init: RequestInit,
): Promise<Response> {
  let response;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    throw new Failure(code, `${url} cannot be reached.`, cause);
  }
  const { status } = response;
  if (!response.ok && status !== 304)
    throw new Failure(code, `${url} answers ${status}.`, undefined, retryAfter(response));
  return response;
}
