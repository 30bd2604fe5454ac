// What pages download.
//
//   node size.mjs
//
// Prints it, and fails when ours is over the budget. The package has to be built (`cargo xtask sdk`).

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "esbuild";

import { table } from "./table.mjs";

const folder = import.meta.dirname;
const dist = join(folder, "../../js-sdk/dist");

/** Bytes. */
function weigh(bytes) {
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }).length,
  };
}

/** Bundles a minimal use, and tells what a page downloads at once from what it may download later. */
async function bundle(name) {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(folder, "minimal", `${name}.js`)],
    absWorkingDir: folder,
    outdir: "out",
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    write: false,
    metafile: true,
  });
  const outputs = Object.entries(metafile.outputs);
  const [entry] = outputs.find(([, output]) => output.entryPoint?.startsWith("minimal/"));
  const atOnce = new Set([entry]);
  // A set that grows while it is gone through is gone through to its end.
  for (const path of atOnce)
    for (const { path: imported, kind } of metafile.outputs[path].imports)
      if (kind === "import-statement") atOnce.add(imported);
  const parts = outputs.map(([path, { entryPoint }]) => ({
    part: path === entry ? `${name}: its JavaScript` : nameOf(path, entryPoint),
    kind: "js",
    isAtOnce: atOnce.has(path),
    ...weigh(outputFiles.find((file) => file.path === join(folder, path)).contents),
  }));
  return parts;
}

function nameOf(path, entryPoint) {
  return entryPoint ? entryPoint.replace(/^.*js-sdk\/dist\//, "") : `shared ${path.split("/").at(-1)}`;
}

async function wasm(name, isAtOnce) {
  const bytes = await readFile(join(dist, "wasm", `${name}.wasm`));
  return { part: `wasm/${name}.wasm`, kind: "wasm", isAtOnce, ...weigh(bytes) };
}

/** The parts of each. */
export async function measureSizes() {
  const lotwise = [...(await bundle("lotwise")), await wasm("small", true), await wasm("full", false)];
  return { lotwise, growthbook: await bundle("growthbook"), configcat: await bundle("configcat") };
}

const KINDS = ["raw", "gzip", "brotli"];

/** Bytes of brotli that we set out for. */
const TARGET = 13_000;

/** All parts that a page downloads at once, or those of one kind. */
export function total(parts, kind) {
  const counted = parts.filter((it) => it.isAtOnce && (!kind || it.kind === kind));
  return Object.fromEntries(KINDS.map((it) => [it, counted.reduce((sum, part) => sum + part[it], 0)]));
}

/** Prints them, ours part by part. */
export function printSizes(sizes) {
  const row = (label, size) => [label, ...KINDS.map((it) => size[it].toLocaleString("en"))];
  const rows = sizes.lotwise.filter((it) => it.isAtOnce).map((it) => row(`  ${it.part}`, it));
  const ours = total(sizes.lotwise);
  console.log("What a page downloads to decide, bytes; minimal use, esbuild, minified:\n");
  const peers = ["growthbook", "configcat"];
  const totals = peers.map((name) => row(name, total(sizes[name])));
  table(["", ...KINDS], [row("lotwise", ours), ...rows, ...totals]);
  const ratios = peers.map(
    (name) => `${name} ${(total(sizes[name]).brotli / ours.brotli).toFixed(2)} times as much`,
  );
  console.log(`\nTo lotwise, brotli: ${ratios.join(", ")}.`);
  const verdict = ours.brotli <= TARGET ? "met" : `missed ${(ours.brotli / TARGET).toFixed(2)} times`;
  console.log(`The target is ${TARGET.toLocaleString("en")} bytes of brotli: ${verdict}.\n`);
  console.log("What lotwise downloads only on demand:\n");
  table(
    ["", ...KINDS],
    sizes.lotwise.filter((it) => !it.isAtOnce).map((it) => row(it.part, it)),
  );
}

/** What is over the budget, in words. */
export async function overBudget(sizes) {
  const budget = JSON.parse(await readFile(join(folder, "budget.json"), "utf8")).brotli;
  const sizeOf = { javascript: total(sizes.lotwise, "js"), wasm: total(sizes.lotwise, "wasm") };
  sizeOf.total = total(sizes.lotwise);
  return Object.entries(budget)
    .filter(([what, most]) => sizeOf[what].brotli > most)
    .map(
      ([what, most]) =>
        `over budget: ${what} takes ${sizeOf[what].brotli} bytes of brotli, ${sizeOf[what].brotli - most} ` +
        `more than the ${most} of bench/page/budget.json. Find out what grew; raise the budget only with a reason.`,
    );
}

if (process.argv[1] === import.meta.filename) {
  const sizes = await measureSizes();
  printSizes(sizes);
  const over = await overBudget(sizes);
  for (const line of over) console.error(`\n${line}`);
  if (over.length) process.exitCode = 1;
}
