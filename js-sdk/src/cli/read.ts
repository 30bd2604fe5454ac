// Gets a snapshot's JSON document and believes nothing that it has not checked.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the command needs of a JSON document. */
export interface Document {
  readonly environment: string;
  readonly version: number;
  readonly experiments: readonly DocumentExperiment[];
}

export interface DocumentExperiment {
  readonly key: string;
  readonly variants: readonly { readonly key: string; readonly payload: unknown }[];
}

/** A failure that is the user's to solve; the message says how. */
export class CodegenError extends Error {}

const largest = 32 * 1024 * 1024;
const patience = 30_000;

/** Reads a client document's address, the address or file of a version.json, or a document's file. */
export async function readDocument(where: string): Promise<Document> {
  const start = /^https?:/i.test(where)
    ? addressOf(where)
    : where.startsWith("file:")
      ? fileURLToPath(where)
      : where;
  const text = await read(start);
  const first = parse(text, String(start));
  if (!isObject(first)) throw new CodegenError(`${start} is not a JSON object`);
  if (Array.isArray(first["experiments"])) return documentOf(first, String(start));

  const { snapshot, sha256, version, environment } = first;
  if (typeof snapshot !== "string" || typeof sha256 !== "string") {
    throw new CodegenError(`${start} is neither a version.json nor a snapshot`);
  }
  if (
    !/^[0-9a-f]{64}$/.test(sha256) ||
    snapshot !== `snapshots/${String(version)}-${sha256.slice(0, 16)}.json`
  ) {
    throw new CodegenError(`${start} names a snapshot in a way that this release does not know`);
  }
  const next = start instanceof URL ? new URL(snapshot, start) : join(dirname(start), snapshot);
  const body = await read(next);
  if (createHash("sha256").update(body).digest("hex") !== sha256) {
    throw new CodegenError(`${next} is not what ${start} says it is: its SHA-256 differs. Try again`);
  }
  const document = documentOf(parse(body, String(next)), String(next));
  if (document.version !== version || document.environment !== environment) {
    throw new CodegenError(`${next} is of another environment or version than ${start} says`);
  }
  return document;
}

/** The address of a version.json or a document, from that or the address of its folder. */
function addressOf(where: string): URL {
  if (!URL.canParse(where)) throw new CodegenError(`${where} is not an address`);
  const url = new URL(where);
  if (!url.pathname.endsWith(".json")) url.pathname = `${url.pathname.replace(/\/+$/, "")}/version.json`;
  return url;
}

async function read(from: URL | string): Promise<Buffer> {
  const bytes = await (from instanceof URL ? fetched(from) : readFile(from)).catch((cause: unknown) => {
    if (cause instanceof CodegenError) throw cause;
    const { message, cause: deeper } = cause as Error;
    throw new CodegenError(`cannot read ${from}: ${deeper instanceof Error ? deeper.message : message}`);
  });
  if (bytes.length > largest) throw new CodegenError(`${from} is over 32 MiB`);
  return bytes;
}

async function fetched(url: URL): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(patience) });
  if (!answer.ok) {
    const hint = answer.status === 404 ? ". Has the environment been published?" : "";
    throw new CodegenError(`cannot read ${url}: status ${answer.status}${hint}`);
  }
  return Buffer.from(await answer.arrayBuffer());
}

function parse(text: Buffer, from: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch (cause) {
    throw new CodegenError(`${from} is not JSON: ${(cause as Error).message}`);
  }
}

function documentOf(value: unknown, from: string): Document {
  const wrong = (what: string) => new CodegenError(`${from} is not a snapshot: ${what}`);
  if (!isObject(value)) throw wrong("it is not an object");
  const { schema_version, environment, version, experiments } = value;
  if (schema_version !== 1)
    throw wrong(`schema_version is ${JSON.stringify(schema_version)}; this release reads 1`);
  if (typeof environment !== "string") throw wrong("environment is not a string");
  if (typeof version !== "number" || !Number.isSafeInteger(version)) throw wrong("version is not an integer");
  if (!Array.isArray(experiments)) throw wrong("experiments is not an array");
  return { environment, version, experiments: experiments.map(experimentOf) };

  function experimentOf(experiment: unknown, at: number): DocumentExperiment {
    if (!isObject(experiment) || typeof experiment["key"] !== "string") {
      throw wrong(`experiment ${at} has no key`);
    }
    // What a reader cannot understand harms one experiment: it gives nothing, so it has no variants.
    const variants: unknown = experiment["variants"];
    const known = (Array.isArray(variants) ? variants : []).filter(
      (variant): variant is { key: string; payload?: unknown } =>
        isObject(variant) && typeof variant["key"] === "string",
    );
    return {
      key: experiment["key"],
      variants: known.map(({ key, payload = null }) => ({ key, payload })),
    };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
