// A built Worker in workerd, on this machine, through miniflare. Nothing is kept after its end, and
// nothing is fetched but what the Worker fetches.

import { appendFileSync, readFileSync, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

// What the queue delivers goes back to Node, which writes it down.
const CONSUMER = `export default {
  async queue(batch, env) {
    const bodies = batch.messages.map((message) => message.body);
    await env.WRITE.fetch("http://write", { method: "POST", body: JSON.stringify(bodies) });
  },
};`;

/**
 * Starts the Worker that `cargo xtask edge` put into `folder`, and returns its Miniflare.
 *
 * port: 0 for any that is free; vars: its variables and secrets, by name. The optional bindings:
 * snapshots: a folder whose files are the objects of the R2 bucket SNAPSHOTS, later ones too;
 * rateLimiter: {limit, period} of RATE_LIMITER, where the period is 10 or 60 seconds;
 * events: a file that each message sent to the queue EVENTS is appended to as a line of JSON;
 * deliver: instead, the Worker takes the messages of the queue EVENTS itself, and this is the file for those of
 * the queue DEAD_EVENTS.
 */
export async function start({ folder, port = 0, vars = {}, snapshots, rateLimiter, events, deliver }) {
  const queueProducers = events ? { EVENTS: "events" } : deliver ? { EVENTS: "events", DEAD_EVENTS: "dead-events" } : {};
  const worker = {
    name: "lotwise-edge",
    compatibilityDate: compatibilityDate(),
    modulesRoot: folder,
    modules: [
      { type: "ESModule", path: join(folder, "index.js") },
      { type: "CompiledWasm", path: join(folder, "index_bg.wasm") },
    ],
    bindings: vars,
    r2Buckets: snapshots ? ["SNAPSHOTS"] : [],
    ratelimits: rateLimiter ? { RATE_LIMITER: { simple: rateLimiter } } : {},
    queueProducers,
    // A developer waits for events too. The retries are as many as Cloudflare allows.
    queueConsumers: deliver ? { events: { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 100 } } : {},
  };
  const consumers = [events && consumer("events", events), deliver && consumer("dead-events", deliver)];
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port,
    // Otherwise it asks the internet what `request.cf` may look like.
    cf: false,
    telemetry: { enabled: false },
    workers: [worker, ...consumers.filter(Boolean)],
  });
  await miniflare.ready;
  if (snapshots) await follow(await miniflare.getR2Bucket("SNAPSHOTS", worker.name), snapshots);
  return miniflare;
}

/** The date that is deployed, so that what is tested here is what runs there. */
function compatibilityDate() {
  const file = new URL("../../wrangler.toml", import.meta.url);
  return readFileSync(file, "utf8").match(/^compatibility_date = "(.*)"/m)[1];
}

function consumer(queue, file) {
  const write = async (request) => {
    const lines = (await request.json()).map((body) => `${JSON.stringify(body)}\n`);
    appendFileSync(file, lines.join(""));
    return new Response();
  };
  return {
    name: `${queue}-consumer`,
    modules: true,
    script: CONSUMER,
    // A test waits for its events: deliver each at once.
    queueConsumers: { [queue]: { maxBatchSize: 1, maxBatchTimeout: 0 } },
    serviceBindings: { WRITE: write },
  };
}

/** Puts the files of the folder into the bucket, now and whenever one of them changes. */
async function follow(bucket, folder) {
  let filled = fill(bucket, folder);
  await filled;
  // What is gone again when it is read was a file on its way to its name, and that is a change too.
  watch(folder, { recursive: true }, () => (filled = filled.then(() => fill(bucket, folder)).catch(() => {})));
}

async function fill(bucket, folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath ?? it.path, it.name));
  // What a version.json points to has to be there before it.
  const isPointer = (path) => path.endsWith("version.json");
  for (const path of paths.sort((a, b) => isPointer(a) - isPointer(b))) {
    // Miniflare cannot hand over what is a Buffer of Node's.
    await bucket.put(path.slice(folder.length + 1), new Uint8Array(readFileSync(path)));
  }
}
