// What the scripts beside this have in common: a page with the SDK in it, and the journey that watches them.
//
//   node alike.mjs '{"port": …, "edge": "http://localhost:8787", …}'
//
// A script prints what is wrong and nothing else, but for lines `do: …`, which ask the journey for something.

import { join } from "node:path";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";

import { complaints, launch } from "../../js-sdk/browser/chromium.mjs";
import { serve } from "../../js-sdk/browser/serve.mjs";

/** What the journey says. */
export const given = JSON.parse(process.argv[2]);

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Has the journey do something and waits until it has. */
export async function ask(what) {
  console.log(`do: ${what}`);
  await answers.next();
}

export function check(what, found, expected) {
  if (isDeepStrictEqual(found, expected)) return;
  console.log(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  process.exitCode = 1;
}

/** Runs `journey` with a site, a browser profile and a way to open pages, and ends all of them. */
export async function withBrowser(journey, { csp } = {}) {
  const folders = {
    "/sdk/": join(import.meta.dirname, "../../js-sdk"),
    "/": join(import.meta.dirname, "site"),
  };
  const site = await serve({ folders, csp, port: given.port });
  const browser = await launch();
  try {
    const context = await browser.newContext();
    const open = async (query = "") => {
      const page = await context.newPage();
      page.said = complaints(page);
      await load(page, `${site.origin}/index.html${query}`);
      return page;
    };
    await journey({ site, context, open });
  } finally {
    await browser.close();
    await site.close();
  }
  process.exit();
}

/** Goes there, or with no address comes back, and waits until the SDK can be called. */
export async function load(page, url) {
  await (url ? page.goto(url) : page.reload());
  await page.waitForFunction(() => window.create);
}

/** Waits until `probe` gives what is expected, and complains if it does not. */
export async function eventually(what, probe, expected, patience = 15_000) {
  const end = Date.now() + patience;
  let found = await probe();
  while (!isDeepStrictEqual(found, expected) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    found = await probe();
  }
  check(what, found, expected);
}
