// Runs golden files in Node or in a browser.
//
//   node main.mjs node|chromium|firefox < FILES
//
// Reads lines of JSON, {"name", "text", "published": {"document", "binary"}}, and prints for each a line {"passed", "failures"}.
// CHROMIUM is the browser's program; GECKODRIVER and FIREFOX are those of the other engine.

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { launch } from "../browser/chromium.mjs";
import { serve } from "../browser/serve.mjs";

async function inNode() {
  const { run } = await import("./run.js");
  return { run: (file) => run(file, readFile), stop: async () => {} };
}

/** What a page runs. */
const IN_PAGE = `async (file) => {
  const { run } = await import("/golden/run.js");
  return run(file, async (url) => (await fetch(url)).arrayBuffer());
}`;

async function inChromium() {
  const site = await serveFolder();
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(site.page);
  const run = (file) => page.evaluate(`(${IN_PAGE})(${JSON.stringify(file)})`);
  return { run, stop: () => Promise.all([browser.close(), site.close()]) };
}

async function inFirefox() {
  const { startFirefox } = await import("./firefox.mjs");
  const site = await serveFolder();
  const firefox = await startFirefox();
  await firefox.open(site.page);
  const script = `const done = arguments[arguments.length - 1];
    (${IN_PAGE})(arguments[0]).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
  const run = async (file) => {
    const { value, error } = await firefox.execute(script, [file]);
    if (error) throw Error(error);
    return value;
  };
  return { run, stop: () => Promise.all([firefox.stop(), site.close()]) };
}

async function serveFolder() {
  const site = await serve({ folders: { "/": fileURLToPath(new URL("../", import.meta.url)) } });
  return { page: `${site.origin}/golden/page.html`, close: site.close };
}

const [runtime] = process.argv.slice(2);
const runners = { node: inNode, chromium: inChromium, firefox: inFirefox };
const { run, stop } = await runners[runtime]();
for await (const line of createInterface({ input: process.stdin })) {
  const file = JSON.parse(line);
  const failed = (error) => ({
    passed: 0,
    failures: [{ case: file.name, detail: String(error?.stack ?? error) }],
  });
  console.log(JSON.stringify(await run(file).catch(failed)));
}
await stop();
