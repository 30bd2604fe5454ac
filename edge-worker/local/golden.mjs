// Runs golden files in workerd, through the test-only route of the build in a folder.
//
//   node golden.mjs FOLDER FILE…
//
// Prints for each file a line of JSON: {"passed": n, "failures": [{"case", "detail"}]}.

import { readFileSync } from "node:fs";
import { start } from "./worker.mjs";

const [folder, ...files] = process.argv.slice(2);
const miniflare = await start({ folder });

async function run(file) {
  const url = `http://worker/golden?name=${encodeURI(file)}`;
  const answer = await miniflare.dispatchFetch(url, { method: "POST", body: readFileSync(file) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the Worker answers ${answer.status}: ${text}`);
  return text;
}

for (const file of files) {
  const failed = (error) => JSON.stringify({ passed: 0, failures: [{ case: file, detail: error.message }] });
  console.log(await run(file).catch(failed));
}
await miniflare.dispose();
