// Variants that an address forces, where the page allows it, and nowhere else.

import { check, eventually, given, withBrowser } from "./page.mjs";

/** What a page says that was opened with `?lotwise=button:…`. */
const read = async ({ edge, origin, forced }) => {
  const lotwise = await window.create({
    snapshotUrl: `${edge}/prod/client`,
    eventsUrl: `${origin}/events`,
    userKey: "user-123",
    forced,
    exposures: { once: "never", flushInterval: 100 },
  });
  const { variant, payload, reason, isOverride } = lotwise.variant("button");
  await lotwise.flush();
  return { variant, payload, reason, isOverride };
};

await withBrowser(async ({ site, open }) => {
  const at = (forced) => ({ edge: given.edge, origin: site.origin, forced });
  const plain = await (await open()).evaluate(read, at(true));
  check("without", [plain.reason, plain.isOverride], ["SPLIT", false]);
  const other = plain.variant === "control" ? "treatment" : "control";
  const color = { control: "#0066cc", treatment: "#00cc66" }[other];

  const forced = await (await open(`?lotwise=button:${other}`)).evaluate(read, at(true));
  check("forced", forced, { variant: other, payload: { color }, reason: "OVERRIDE", isOverride: true });
  check("not enabled", await (await open(`?lotwise=button:${other}`)).evaluate(read, at(false)), plain);
  check("no such variant", await (await open("?lotwise=button:ghost")).evaluate(read, at(true)), plain);
  const given_ = await (await open()).evaluate(read, at({ button: other }));
  check("given by the page", [given_.variant, given_.isOverride], [other, true]);

  const exposures = () => [...site.events.values()].map((it) => [it.variant_key, it.is_override ?? false]);
  const expected = [
    [plain.variant, false],
    [other, true],
    [plain.variant, false],
    [plain.variant, false],
    [other, true],
  ];
  await eventually("exposures", exposures, expected);
});
