// A page whose policy forbids WebAssembly asks the edge instead.

import { ask, check, eventually, given, withBrowser } from "./page.mjs";

const csp = `default-src 'self'; connect-src 'self' ${given.edge}`;

await withBrowser(
  async ({ open }) => {
    const page = await open();
    await page.evaluate(async (edge) => {
      window.lotwise = await window.create({
        snapshotUrl: `${edge}/prod/client`,
        userKey: "user-123",
        pollInterval: 1000,
        exposures: false,
      });
    }, given.edge);
    const now = () =>
      page.evaluate(() => {
        const { variant, payload, reason } = window.lotwise.peek("button");
        return [variant, payload, reason, window.lotwise.version, window.lotwise.status];
      });
    check("asked", await now(), ["control", { color: "#0066cc" }, "REMOTE", given.version, "ready"]);
    const codes = await page.evaluate(() => window.errors.map((error) => error.split(":")[0]));
    check("said once", codes, ["engine_unavailable"]);
    await ask("publish");
    const next = ["treatment", { color: "#00cc66" }, "REMOTE", given.version + 1, "ready"];
    await eventually("asked again", now, next, 8000);
    const fallback = await page.evaluate(() => {
      const { payload, reason } = window.lotwise.variant("ghost", { fallback: 7 });
      return [payload, reason];
    });
    check("an experiment that nobody knows", fallback, [7, "REMOTE_NONE"]);
  },
  { csp },
);
