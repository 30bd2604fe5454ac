/** A real server with snapshots, decisions and events, and everything that can go wrong with them. */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { LotwiseEvent } from "../src/types.js";
import { binaryOf, type TestDocument } from "./engine.js";

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

export type Fault = (request: IncomingMessage, response: ServerResponse) => void;

export const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  (_, response) => {
    response.writeHead(code, headers).end();
  };
export const cut: Fault = (request) => request.socket.destroy();
export const truncated: Fault = (_, response) => {
  response.writeHead(200, { "content-length": "5000" });
  response.write("{");
  setTimeout(() => response.destroy(), 20);
};
export const hang: Fault = () => {};

export interface TestServer {
  readonly origin: string;
  readonly url: string;
  /** `METHOD /path` of each request, and its status. */
  readonly requests: { what: string; status: number; headers: IncomingMessage["headers"]; body: string }[];
  /** Events that were taken, by id. */
  readonly events: Map<string, LotwiseEvent>;
  /** How often each event came. */
  readonly times: Map<string, number>;
  /** Faults by path, `*.bin` by ending; used until deleted. */
  readonly faults: Map<string, Fault>;
  publish(document: TestDocument, how?: { binary?: boolean; wrongDigest?: boolean; pointer?: object }): void;
  /** What `/decide` answers. */
  decide: (question: { user_key: string; context: any }) => object;
  close(): Promise<void>;
}

export async function startServer(): Promise<TestServer> {
  const objects = new Map<string, string | Uint8Array>();
  const it: TestServer = {
    origin: "",
    url: "",
    requests: [],
    events: new Map(),
    times: new Map(),
    faults: new Map(),
    decide: () => ({ config_version: 1, assignments: [] }),
    publish(document, { binary = true, wrongDigest = false, pointer = {} } = {}) {
      const { environment, version } = document;
      const text = JSON.stringify(document);
      const bytes = binaryOf(document);
      const digest = sha256(text);
      const own = sha256(bytes);
      const path = `snapshots/${version}-${digest.slice(0, 16)}.json`;
      const binaryPath = `snapshots/${version}-${own.slice(0, 16)}.bin`;
      // Still a snapshot, of the same length, but not the one that was published.
      const spoil = (data: Uint8Array) =>
        wrongDigest ? Buffer.from(Buffer.from(data).toString().replace("blue", "pink")) : data;
      objects.set(`/${environment}/client/${path}`, spoil(new TextEncoder().encode(text)));
      objects.set(`/${environment}/client/${binaryPath}`, spoil(bytes));
      const named = { format: "lotwise-1", path: binaryPath, sha256: own, bytes: bytes.length };
      objects.set(
        `/${environment}/client/version.json`,
        JSON.stringify({
          schema_version: 1,
          environment,
          version,
          snapshot: path,
          sha256: digest,
          bytes: new TextEncoder().encode(text).length,
          published_at: "2026-11-21T10:00:00Z",
          ...(binary && { binary: named }),
          ...pointer,
        }),
      );
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const answer = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const { pathname, searchParams } = new URL(request.url!, "http://test");
    for (const [path, fault] of it.faults)
      if (path === pathname || (path[0] === "*" && pathname.endsWith(path.slice(1))))
        return fault(request, response);
    let data: string | Uint8Array | undefined = objects.get(pathname);
    if (pathname === "/events") {
      for (const event of JSON.parse(body).events as LotwiseEvent[]) {
        it.events.set(event.id, event);
        it.times.set(event.id, (it.times.get(event.id) ?? 0) + 1);
      }
      return response.writeHead(202).end('{"accepted":1,"refused":[]}');
    }
    if (pathname === "/decide") {
      const query = { user_key: searchParams.get("user_key")!, context: searchParams.get("context")! };
      const question =
        request.method === "POST" ? JSON.parse(body) : { ...query, context: JSON.parse(query.context) };
      data = JSON.stringify(it.decide(question));
    }
    if (data === undefined) return response.writeHead(404).end();
    const etag = `"${sha256(data).slice(0, 8)}"`;
    if (request.headers["if-none-match"] === etag) return response.writeHead(304, { etag }).end();
    return response.writeHead(200, { etag }).end(data);
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const entry = { what: `${request.method} ${request.url}`, status: 0, headers: request.headers, body };
      it.requests.push(entry);
      response.on("finish", () => (entry.status = response.statusCode));
      answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(it, { origin, url: `${origin}/prod/client` });
}
