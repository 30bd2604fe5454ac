// What is published reaches a page that stays open.

import { ask, check, eventually, given, withBrowser } from "./page.mjs";

await withBrowser(async ({ open }) => {
  const page = await open();
  await page.evaluate(async (edge) => {
    window.changes = [];
    window.lotwise = await window.create({
      snapshotUrl: `${edge}/prod/client`,
      userKey: "user-123",
      pollInterval: 1000,
      exposures: false,
    });
    window.lotwise.on("change", (change) => window.changes.push(change));
    window.hasStayed = true;
  }, given.edge);
  const now = () =>
    page.evaluate(() => [
      window.lotwise.peek("button").variant,
      window.lotwise.version,
      window.changes.map(({ cause, version }) => `${cause} ${version}`),
      window.hasStayed,
    ]);
  check("before", await now(), ["control", given.version, [], true]);
  await ask("publish");
  const next = given.version + 1;
  await eventually("after", now, ["treatment", next, [`snapshot ${next}`], true], 8000);
  check("complaints", [...page.said, ...(await page.evaluate(() => window.errors))], []);
});
