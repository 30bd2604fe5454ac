// A web server for pages: their files, and what a page asks of Lotwise, on the same origin.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/**
 * Serves until `close()`.
 *
 * folders: which folder is behind which path, the longest path first; lotwise: the address of a server that
 * answers `/decide` and `/{environment}/client/…`; csp: the pages' Content-Security-Policy; port: 0 for any.
 *
 * What comes to `/events` is kept in `events`, once per id; `batches` has every request of it. `onEvents` may
 * be set to answer otherwise: given the response, it answers and returns true.
 */
export async function serve({ folders, lotwise, csp, port = 0 }) {
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  const site = { events: new Map(), batches: [], paths: [], onEvents: undefined, origin: "", close };

  async function answer(request, response) {
    const { pathname } = new URL(request.url, site.origin);
    site.paths.push(pathname);
    // What tests do here pages of other origins may do, too.
    response.setHeader("access-control-allow-origin", "*");
    if (pathname === "/favicon.ico") return response.writeHead(204).end();
    if (pathname === "/events") return takeEvents(request, response);
    if (lotwise && /^\/(decide$|[^/]+\/client\/)/.test(pathname)) return pass(request, response);
    if (csp && pathname.endsWith(".html")) response.setHeader("content-security-policy", csp);
    const [prefix, folder] = Object.entries(folders).find(([prefix]) => pathname.startsWith(prefix)) ?? [];
    if (!folder) return response.writeHead(404).end();
    const file = normalize(join(folder, decodeURIComponent(pathname.slice(prefix.length))));
    if (!file.startsWith(normalize(folder + sep))) return response.writeHead(404).end();
    const body = await readFile(file).catch(() => undefined);
    if (!body) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(body);
  }

  async function takeEvents(request, response) {
    const { events } = JSON.parse((await bodyOf(request)).toString());
    site.batches.push(events);
    if (site.onEvents?.(response, events)) return;
    for (const event of events) site.events.set(event.id, event);
    response.writeHead(202, { "content-type": "application/json" });
    response.end(JSON.stringify({ accepted: events.length, refused: [] }));
  }

  async function pass(request, response) {
    const headers = {};
    for (const name of ["content-type", "if-none-match"]) {
      if (request.headers[name]) headers[name] = request.headers[name];
    }
    const body = request.method === "POST" ? await bodyOf(request) : undefined;
    const answer = await fetch(lotwise + request.url, { method: request.method, headers, body });
    const kept = ["cache-control", "content-type", "etag", "retry-after"];
    response.writeHead(
      answer.status,
      Object.fromEntries([...answer.headers].filter(([it]) => kept.includes(it))),
    );
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  function close() {
    return new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  site.origin = `http://localhost:${server.address().port}`;
  return site;
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
