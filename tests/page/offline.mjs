// A page starts from its last snapshot when the edge does not answer, and goes on when it does again.

import { ask, check, eventually, given, load, withBrowser } from "./page.mjs";

await withBrowser(async ({ open }) => {
  const page = await open();
  const start = () =>
    page.evaluate(async (edge) => {
      const options = { snapshotUrl: `${edge}/prod/client`, userKey: "user-123", exposures: false };
      window.lotwise = await window.create({ ...options, pollInterval: 1000 });
    }, given.edge);
  const now = () =>
    page.evaluate(() => {
      const { variant, payload, reason } = window.lotwise.peek("button");
      return { status: window.lotwise.status, version: window.lotwise.version, variant, payload, reason };
    });
  const online = async () => ({ ...(await now()), status: "ready" });
  await start();
  const first = await now();
  check("online", [first.status, first.version, first.reason], ["ready", given.version, "SPLIT"]);

  await ask("stop");
  await load(page);
  await start();
  check("offline", await now(), { ...first, status: "stale" });
  const codes = await page.evaluate(() => window.errors.map((error) => error.split(":")[0]));
  check("said once", codes, ["snapshot_unavailable"]);

  await ask("start");
  await eventually("online again", now, await online());
});
