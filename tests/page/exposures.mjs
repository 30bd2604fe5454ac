// Every exposure arrives, and none twice.

import { check, eventually, given, load, withBrowser } from "./page.mjs";

/** Reads two experiments, one of them again and again. */
const read = async ({ edge, origin, userKey }) => {
  window.lotwise = await window.create({
    snapshotUrl: `${edge}/prod/client`,
    eventsUrl: `${origin}/events`,
    userKey,
    exposures: { flushInterval: 200 },
  });
  for (let times = 0; times < 5; times++) window.lotwise.variant("button");
  window.lotwise.variant("headline");
};

await withBrowser(async ({ site, context, open }) => {
  const at = (userKey) => ({ edge: given.edge, origin: site.origin, userKey });
  const arrived = (userKey) => {
    const events = [...site.events.values()].filter((event) => event.user_key === userKey);
    return events.map((event) => event.experiment_key).sort();
  };
  const both = ["button", "headline"];

  // Read many times, and again after a reload.
  const page = await open();
  await page.evaluate(read, at("reloads"));
  await eventually("at first", () => arrived("reloads"), both);
  for (let times = 0; times < 2; times++) {
    await load(page);
    await page.evaluate(read, at("reloads"));
  }
  await page.waitForTimeout(1000);
  check("after reloads", arrived("reloads"), both);
  const [event] = site.events.values();
  check(
    "what it says",
    [event.type, event.environment, event.reason, event.config_version, typeof event.timestamp],
    ["exposure", "prod", "SPLIT", given.version, "string"],
  );

  // Reloaded before anything was sent.
  await page.evaluate(read, at("hasty"));
  await load(page);
  await eventually("of a page that was left at once", () => arrived("hasty"), both);

  // A second tab of the same session, which the first one opened.
  await page.evaluate(read, at("tabs"));
  const [tab] = await Promise.all([
    context.waitForEvent("page"),
    page.evaluate(() => void window.open("/index.html")),
  ]);
  await tab.waitForFunction(() => window.create);
  await tab.evaluate(read, at("tabs"));
  await eventually("of two tabs", () => arrived("tabs"), both);
  await page.waitForTimeout(1000);
  check("of two tabs, later", arrived("tabs"), both);
  await tab.close();

  // The connection is cut: before the server has taken anything, then after it has.
  let cuts = 0;
  site.onEvents = (response, events) => {
    cuts += 1;
    if (cuts > 2) return false;
    if (cuts === 2) for (const event of events) site.events.set(event.id, event);
    response.destroy();
    return true;
  };
  await page.evaluate(read, at("cut"));
  await eventually("over a connection that is cut", () => arrived("cut"), both);
  await eventually("sent again until there was an answer", () => cuts >= 3, true);
  await page.waitForTimeout(500);
  check("over a connection that is cut, later", arrived("cut"), both);

  // The server is away for the rest of the page's life; the next one finds what it has left.
  site.onEvents = (response) => {
    response.writeHead(503).end();
    return true;
  };
  await page.evaluate(read, at("away"));
  await page.waitForTimeout(500);
  check("while the server is away", arrived("away"), []);
  site.onEvents = undefined;
  await load(page);
  await page.evaluate(read, at("away"));
  await eventually("of an earlier page", () => arrived("away"), both);
  await page.waitForTimeout(500);
  check("of an earlier page, later", arrived("away"), both);
});
