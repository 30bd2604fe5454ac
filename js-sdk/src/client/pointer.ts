/** `version.json`: which snapshot is the present one. */

import { Failure } from "./reports.js";

/** One form of a snapshot, relative to the folder of `version.json`. */
export interface Form {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly isBinary: boolean;
}

export interface Pointer {
  readonly environment: string;
  readonly version: number;
  /** Digest of the JSON document. */
  readonly sha256: string;
  /** Best first. */
  readonly forms: readonly Form[];
}

/** Reads a `version.json`. Throws a `Failure` that says what is wrong with it. */
export function readPointer(text: string, environment: string | null): Pointer {
  const refuse = (what: string): never => {
    throw new Failure("snapshot_refused", `version.json ${what}.`);
  };
  let it: any;
  try {
    it = JSON.parse(text);
  } catch {
    refuse("is not JSON");
  }
  const version = it?.version;
  if (it?.schema_version !== 1 || !Number.isSafeInteger(version) || typeof it.environment !== "string")
    refuse("is not one that this release of lotwise reads");
  if (environment != null && it.environment !== environment)
    refuse(`is of environment ${it.environment}, not ${environment}; see the option environment`);

  // Nothing that a server says becomes part of an address but a name of exactly this form.
  const form = (isBinary: boolean, path: unknown, sha256: unknown, bytes: unknown): Form | undefined =>
    /^[0-9a-f]{64}$/.test(sha256 as string) &&
    path === `snapshots/${version}-${(sha256 as string).slice(0, 16)}.${isBinary ? "bin" : "json"}` &&
    Number.isSafeInteger(bytes)
      ? { path, sha256: sha256 as string, bytes: bytes as number, isBinary }
      : undefined;
  const json = form(false, it.snapshot, it.sha256, it.bytes) ?? refuse("names no snapshot as it should");
  const binary =
    it.binary?.format === "lotwise-1"
      ? form(true, it.binary.path, it.binary.sha256, it.binary.bytes)
      : undefined;
  return {
    environment: it.environment,
    version,
    sha256: json.sha256,
    forms: binary ? [binary, json] : [json],
  };
}

/** Throws a `Failure` unless these are the bytes that the pointer means. */
export async function verify(form: Form, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  let isRight = bytes.length === form.bytes;
  // Insecure contexts have no digests; what was loaded is at least complete.
  if (isRight && globalThis.crypto?.subtle) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    isRight = digest.every((byte, at) => byte === parseInt(form.sha256.slice(2 * at, 2 * at + 2), 16));
  }
  if (!isRight)
    throw new Failure("snapshot_refused", `${form.path} has not the length and digest it should.`);
}
