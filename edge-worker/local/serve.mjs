// Serves a built Worker on loopback until it is told to stop.
//
//   node serve.mjs '{"folder": "…/edge-worker/build", "port": 8787, "vars": {…}}'
//
// The options are those of worker.mjs. Prints a line of JSON with its `url` when it is ready.

import { start } from "./worker.mjs";

const miniflare = await start(JSON.parse(process.argv[2]));
const { origin } = await miniflare.ready;
console.log(JSON.stringify({ url: origin }));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await miniflare.dispose();
    process.exit(0);
  });
}
