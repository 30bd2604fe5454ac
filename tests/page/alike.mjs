// A page decides as the edge does, for many subjects at many experiments.

import { check, given, withBrowser } from "./page.mjs";

await withBrowser(async ({ site, open }) => {
  for (const { environment, subjects, takesFull } of given.cases) {
    const page = await open();
    const before = site.paths.length;
    const found = await page.evaluate(decide, { edge: given.edge, environment, subjects });
    check(`${environment}: errors`, await page.evaluate(() => window.errors), []);
    check(`${environment}: complaints`, page.said, []);
    const loaded = site.paths.slice(before).some((path) => path.endsWith("full.wasm"));
    check(`${environment}: takes the larger build`, loaded, takesFull);
    let assigned = 0;
    for (const [index, subject] of subjects.entries()) {
      const expected = await ask(environment, subject);
      assigned += expected.length;
      check(`${environment}: ${JSON.stringify(subject)}`, found[index], expected);
      // One is enough to look into.
      if (process.exitCode) return;
    }
    check(`${environment}: there was something to compare`, assigned > subjects.length * 5, true);
    await page.close();
  }
});

/** In the page. */
async function decide({ edge, environment, subjects }) {
  const lotwise = await window.create({
    snapshotUrl: `${edge}/${environment}/client`,
    ...subjects[0],
    sticky: false,
    exposures: false,
  });
  // Until the larger build has come, if it has to.
  for (let tries = 0; tries < 100; tries++) {
    if (!lotwise.decideAll().some(({ reason }) => reason === "UNSUPPORTED")) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return subjects.map((subject) => {
    const decisions = lotwise.forUser(subject).decideAll();
    const assigned = decisions.filter(({ variant }) => variant !== null);
    return assigned.map(({ experiment, variant, payload }) => ({ experiment, variant, payload }));
  });
}

/** The edge's answer to the same. */
async function ask(environment, { userKey, context }) {
  const response = await fetch(`${given.edge}/decide`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user_key: userKey, env: environment, context }),
  });
  if (!response.ok) throw new Error(await response.text());
  const { assignments } = await response.json();
  return assignments.map((it) => ({
    experiment: it.experiment_key,
    variant: it.variant_key,
    payload: it.payload,
  }));
}
