// Measures in Chromium.

import { join, resolve } from "node:path";

import { chromium } from "playwright-core";

import { serve } from "../../js-sdk/browser/serve.mjs";
import { keysOf, NAMES, SIZES } from "./workload.mjs";

/** As tests start it, and with the collector's handle, so that rounds do not pay for each other's garbage. */
const ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-background-networking",
  "--js-flags=--expose-gc",
];

/** Fresh pages for each. */
const STARTS = 15;

const folder = import.meta.dirname;

/** Returns the browser's version, the figures of `measure()` by n, and milliseconds of fresh starts by name. */
export async function inChromium(program, workload, seconds, rounds) {
  const folders = {
    "/page/": folder,
    "/sdk/": join(folder, "../../js-sdk"),
    "/workload/": resolve(workload),
  };
  const site = await serve({ folders });
  const browser = await chromium.launch({ executablePath: program, args: ARGUMENTS });
  const open = async (input, run) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${site.origin}/page/page.html`);
    const result = await page.evaluate(`(${run})(${load}, ${JSON.stringify(input)})`);
    await context.close();
    return result;
  };
  try {
    const figures = {};
    for (const size of SIZES)
      figures[size] = await open({ size, keys: keysOf(size), seconds, rounds }, runMeasure);
    const fresh = Object.fromEntries(NAMES.map((name) => [name, []]));
    for (let at = 0; at < STARTS; at++)
      for (const name of NAMES)
        fresh[name].push(await open({ size: 100, keys: keysOf(100), name }, runFresh));
    return { version: browser.version(), figures, fresh };
  } finally {
    await browser.close();
    await site.close();
  }
}

// From here on in the page.

async function load({ size, keys }) {
  const file = (name) => fetch(`/workload/${name}`);
  return {
    keys,
    users: await (await file("users.json")).json(),
    expected: await (await file(`${size}.expected.json`)).json(),
    binary: new Uint8Array(await (await file(`${size}.bin`)).arrayBuffer()),
    growthbook: await (await file(`${size}.growthbook.json`)).text(),
    configcat: await (await file(`${size}.configcat.json`)).text(),
  };
}

async function runMeasure(load, input) {
  const { measure } = await import("/page/build/measure.js");
  const { createLotwise } = await import("/sdk/dist/entry/web.js");
  return measure(createLotwise, await load(input), input.seconds, input.rounds);
}

/** Milliseconds from nothing but the workload to the first decision. */
async function runFresh(load, input) {
  const workload = await load(input);
  const begin = performance.now();
  const { start } = await import(`/page/build/fresh/${input.name}.js`);
  const subject = start(workload);
  const client = await subject.init(workload.users[0]);
  subject.one(subject.first(client, workload.users[0]), workload.keys[50]);
  return performance.now() - begin;
}
