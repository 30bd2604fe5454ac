// Measures the page SDK beside its peers: sizes, then speed in Node and in Chromium.
//
//   node --expose-gc main.mjs WORKLOAD SECONDS ROUNDS [CHROMIUM]
//
// WORKLOAD is the folder that `cargo xtask bench page` fills; SECONDS is the length of a round. Prints tables, writes
// the same figures to page.json beside WORKLOAD, and fails when the package is over its size budget.

import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";
import { chromium } from "playwright-core";

import { serve } from "../../js-sdk/browser/serve.mjs";
import { measureSizes, overBudget, printSizes, total } from "./size.mjs";
import { printSpeed, summary } from "./speed.mjs";

const [workload, seconds, rounds, browserProgram] = process.argv.slice(2);
const folder = import.meta.dirname;
const sdk = join(folder, "../../js-sdk");
const SIZES = [10, 100, 1000];

const sizes = await measureSizes();
printSizes(sizes);

await build({
  entryPoints: [join(folder, "measure.js")],
  outfile: join(folder, "build/measure.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
});
const speed = { node: await inNode() };
if (browserProgram) speed.chromium = await inChromium();
for (const [runtime, { version, figures }] of Object.entries(speed))
  printSpeed(`${runtime} ${version}`, figures);

const weights = Object.fromEntries(
  Object.entries(sizes).map(([name, parts]) => [name, { total: total(parts), parts }]),
);
const report = join(workload, "../page.json");
await writeFile(
  report,
  JSON.stringify({ workload: "W(n)", sizes: weights, speed: summary(speed) }, null, 2) + "\n",
);
console.log(`\nas JSON: ${report}`);
const over = await overBudget(sizes);
for (const line of over) console.error(`\n${line}`);
if (over.length) process.exitCode = 1;

async function inNode() {
  const { measure } = await import(pathToFileURL(join(folder, "build/measure.js")));
  const { createLotwise } = await import(pathToFileURL(join(sdk, "dist/entry/node.js")));
  const figures = {};
  const text = (name) => readFile(join(workload, name), "utf8");
  for (const size of SIZES) {
    const binary = new Uint8Array(await readFile(join(workload, `${size}.bin`)));
    const loaded = {
      keys: keysOf(size),
      users: JSON.parse(await text("users.json")),
      expected: JSON.parse(await text(`${size}.expected.json`)),
      binary,
      growthbook: await text(`${size}.growthbook.json`),
      configcat: await text(`${size}.configcat.json`),
    };
    figures[size] = await measure(createLotwise, loaded, Number(seconds), Number(rounds));
  }
  return { version: process.version, figures };
}

async function inChromium() {
  const args = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--js-flags=--expose-gc",
  ];
  const site = await serve({
    folders: { "/page/": folder, "/sdk/": sdk, "/workload/": resolve(workload) },
  });
  const browser = await chromium.launch({ executablePath: browserProgram, args });
  try {
    const page = await browser.newPage();
    await page.goto(`${site.origin}/page/page.html`);
    const figures = {};
    for (const size of SIZES) {
      const input = { size, keys: keysOf(size), seconds: Number(seconds), rounds: Number(rounds) };
      figures[size] = await page.evaluate(`(${inPage})(${JSON.stringify(input)})`);
    }
    return { version: browser.version(), figures };
  } finally {
    await browser.close();
    await site.close();
  }
}

/** Runs in the page. */
async function inPage({ size, keys, seconds, rounds }) {
  const { measure } = await import("/page/build/measure.js");
  const { createLotwise } = await import("/sdk/dist/entry/web.js");
  const file = (name) => fetch(`/workload/${name}`);
  const loaded = {
    keys,
    users: await (await file("users.json")).json(),
    expected: await (await file(`${size}.expected.json`)).json(),
    binary: new Uint8Array(await (await file(`${size}.bin`)).arrayBuffer()),
    growthbook: await (await file(`${size}.growthbook.json`)).text(),
    configcat: await (await file(`${size}.configcat.json`)).text(),
  };
  return measure(createLotwise, loaded, seconds, rounds);
}

function keysOf(size) {
  return Array.from({ length: size }, (_, place) => `exp-${String(place).padStart(4, "0")}`);
}
