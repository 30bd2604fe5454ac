// Measures the page SDK beside its peers: sizes, then speed in Node and in Chromium.
//
//   node --expose-gc main.mjs WORKLOAD SECONDS ROUNDS [CHROMIUM]
//
// WORKLOAD is the folder that `cargo xtask bench page` fills; SECONDS is the length of a round. Prints tables, writes
// the same figures to page.json beside WORKLOAD, and fails when the package is over its size budget.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";

import { inChromium } from "./chromium.mjs";
import { measureSizes, overBudget, printSizes, total } from "./size.mjs";
import { printFresh, printSpeed, summary } from "./speed.mjs";
import { keysOf, NAMES, SIZES } from "./workload.mjs";

const [workload, seconds, rounds, browserProgram] = process.argv.slice(2);
const folder = import.meta.dirname;
const sdk = join(folder, "../../js-sdk");

const sizes = await measureSizes();
printSizes(sizes);

await bundle();
const speed = { node: await inNode() };
if (browserProgram)
  speed.chromium = await inChromium(browserProgram, workload, Number(seconds), Number(rounds));
for (const [runtime, { version, figures }] of Object.entries(speed))
  printSpeed(`${runtime} ${version}`, figures);

if (speed.chromium) printFresh(speed.chromium.fresh);

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

/** What is measured, and what fresh pages load. */
async function bundle() {
  const options = { bundle: true, minify: true, splitting: true, format: "esm", target: "es2022" };
  await build({ ...options, entryPoints: [join(folder, "measure.js")], outdir: join(folder, "build") });
  const entryPoints = NAMES.map((name) => join(folder, "fresh", `${name}.js`));
  await build({ ...options, entryPoints, outdir: join(folder, "build/fresh") });
  // Where the package looks for it, from where its entry point is now.
  await mkdir(join(folder, "build/wasm"), { recursive: true });
  await copyFile(join(sdk, "dist/wasm/small.wasm"), join(folder, "build/wasm/small.wasm"));
}

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
