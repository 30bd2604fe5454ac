import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createClient } from "../src/client/create.js";
import type { Lotwise, LotwiseError, LotwiseEvent, LotwiseOptions } from "../src/types.js";
import { engines } from "./engine.js";
import { closePage, openPage } from "./page.js";
import { cut, startServer, status, type TestServer } from "./server.js";

const experiment = { key: "button", variants: { control: 1, treatment: 2 }, gives: "control" };

let server: TestServer;
let errors: LotwiseError[];
let clients: Lotwise[];
const codes = () => errors.map((error) => error.code);
const sent = () => [...server.events.values()];
const posts = () => server.requests.filter((it) => it.what === "POST /events");

beforeEach(async () => {
  server = await startServer();
  server.publish({ environment: "prod", version: 1, experiments: [experiment] });
  errors = [];
  clients = [];
});
afterEach(async () => {
  server.faults.clear();
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
  closePage();
});
async function start(options: LotwiseOptions = {}): Promise<Lotwise> {
  const client = await createClient(
    {
      snapshotUrl: server.url,
      userKey: "user-1",
      pollInterval: 0,
      exposures: { flushInterval: 60_000 },
      onError: (error) => errors.push(error),
      ...options,
    },
    engines,
  );
  clients.push(client);
  return client;
}

test("an exposure says what is needed to decide it again, and no more", async () => {
  const attributes = ["country", "company.size", "dotted.key", "user_key", "absent", "list.0"];
  server.publish({
    environment: "prod",
    version: 7,
    experiments: [{ ...experiment, attributes, experiments: ["before", "never"] }],
  });
  const context = {
    country: "US",
    email: "secret",
    company: { size: 3, name: "secret" },
    "dotted.key": null,
    dotted: { key: "secret" },
    list: ["secret"],
    user_key: "secret",
  };
  const client = await start({ context, sticky: { before: "x", other: "y" } });
  client.variant("button");
  await client.flush();
  const [event] = sent();
  const { id, timestamp, snapshot_sha256, ...rest } = event!;
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(timestamp, /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.match(snapshot_sha256!, /^[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    type: "exposure",
    environment: "prod",
    user_key: "user-1",
    experiment_key: "button",
    variant_key: "control",
    reason: "SPLIT",
    config_version: 7,
    context: { country: "US", company: { size: 3 }, "dotted.key": null },
    sticky: { before: "x" },
  });
  assert.equal(posts()[0]!.headers["content-type"], "text/plain");
});

test("only reading a variant records, and neither concluded experiments nor absent users", async () => {
  const concluded = { ...experiment, key: "done", reason: "CONCLUDED" as const };
  const out = { ...experiment, key: "out", gives: null };
  server.publish({ environment: "prod", version: 1, experiments: [concluded, out, experiment] });
  const client = await start();
  client.peek("button");
  client.decideAll();
  for (const key of ["done", "out", "unknown"]) client.variant(key);
  await client.flush();
  assert.deepEqual(sent(), []);
  client.expose("button");
  await client.flush();
  assert.equal(sent().length, 1);
});

for (const [once, reads, reloads] of [
  ["session", 1, 1],
  ["page", 1, 2],
  ["never", 3, 6],
] as const)
  test(`an exposure is recorded once per ${once}`, async () => {
    const page = openPage();
    const exposures = { once, flushInterval: 60_000 };
    const first = await start({ exposures });
    for (let i = 0; i < 3; i++) first.variant("button");
    await first.flush();
    assert.equal(sent().length, reads);
    await first.close();
    page.reload();
    const second = await start({ exposures });
    for (let i = 0; i < 3; i++) second.variant("button");
    await second.flush();
    assert.equal(sent().length, reloads);
    second.forUser({ userKey: "other" }).variant("button");
    await second.flush();
    assert.equal(sent().length, reloads + 1);
  });

test("the hook is told of each exposure as it is sent; what it throws, now or later, is reported", async () => {
  const told: LotwiseEvent[] = [];
  const client = await start({
    onExposure: async (event) => {
      told.push(event);
      throw new Error("the application's");
    },
  });
  client.variant("button");
  client.track("x");
  await client.flush();
  assert.deepEqual(JSON.parse(JSON.stringify(told)), [sent().find((event) => event.type === "exposure")]);
  assert.deepEqual(codes(), ["callback_failed"]);
});

test("with exposures false, or eventsUrl null, nothing is sent", async () => {
  const silent = await start({ exposures: false });
  silent.variant("button");
  await silent.flush();
  const nowhere = await start({ eventsUrl: null });
  nowhere.variant("button");
  nowhere.track("x");
  await nowhere.flush();
  assert.deepEqual(posts(), []);
});

test("events are batched, and tracked with what JSON can say", async () => {
  const client = await start({ exposures: { batchSize: 10, flushInterval: 60_000 } });
  for (let i = 0; i < 25; i++) client.track("click", { value: i, properties: { i, half: "\ud800" } });
  client.track("bad", { properties: { big: 1n } });
  client.track("nan", { value: NaN });
  await client.flush();
  assert.equal(sent().length, 26);
  assert.deepEqual(
    posts().map((it) => JSON.parse(it.body).events.length),
    [10, 10, 6],
  );
  assert.deepEqual(sent()[3]!.properties, { i: 3, half: "\ufffd" });
  assert.ok(!("value" in sent()[25]!));
  assert.deepEqual(codes(), ["events_refused"]);
});

test("events go by themselves after flushInterval", async () => {
  const client = await start({ exposures: { flushInterval: 50 } });
  client.track("x");
  await sleep(200);
  assert.equal(sent().length, 1);
});

for (const [name, fault] of Object.entries({ "500": status(500), "408": status(408), cut }))
  test(`after ${name} the same events come again, later, by themselves`, async () => {
    server.faults.set("/events", fault);
    const client = await start({ exposures: { flushInterval: 20 } });
    client.track("x");
    await client.flush();
    const [failed] = posts();
    server.faults.clear();
    await sleep(300);
    assert.equal(posts().length, 1, "it waits at least half a second");
    await sleep(1000);
    assert.deepEqual(posts()[1]!.body, failed!.body);
    assert.equal(sent().length, 1);
    assert.deepEqual(codes(), ["events_unavailable"]);
  });

test("Retry-After is honoured", async () => {
  server.faults.set("/events", status(429, { "retry-after": "2" }));
  const client = await start({ exposures: { flushInterval: 20 } });
  client.track("x");
  await sleep(100);
  server.faults.clear();
  await sleep(1500);
  assert.equal(posts().length, 1);
  await sleep(800);
  assert.equal(sent().length, 1);
});

for (const code of [400, 401, 403, 404, 413, 415, 422])
  test(`after ${code} events are dropped, with a report`, async () => {
    server.faults.set("/events", status(code));
    const client = await start();
    client.track("x");
    await client.flush();
    server.faults.clear();
    await client.flush();
    assert.equal(posts().length, 1);
    assert.deepEqual(codes(), ["events_refused"]);
  });

test("refused events of a taken batch are reported once", async () => {
  server.faults.set("/events", (_, response) => {
    response.writeHead(202).end('{"accepted":0,"refused":[{"index":0}]}');
  });
  const client = await start();
  for (const name of ["x", "y"]) {
    client.track(name);
    await client.flush();
  }
  assert.deepEqual(codes(), ["events_refused"]);
  assert.deepEqual(errors[0]!.cause, [{ index: 0 }]);
});

test("the queue of a page is bounded: the oldest go, reported once", async () => {
  openPage();
  server.faults.set("/events", status(500));
  const client = await start();
  client.track("x");
  await client.flush();
  for (let i = 0; i < 1100; i++) client.track(`e${i}`);
  server.faults.clear();
  await client.flush();
  const names = sent().map((event) => event.event_name);
  assert.equal(names.length, 1000);
  assert.ok(names.includes("e1099") && !names.includes("e99"));
  assert.deepEqual(codes(), ["events_unavailable", "events_unavailable"]);
});

test("what waits is beaconed once when the page hides, in requests that browsers let go", async () => {
  const page = openPage();
  const client = await start();
  for (let i = 0; i < 30; i++) client.track("x", { properties: { long: "é".repeat(2000) } });
  page.setHidden(true);
  page.leave();
  const bodies = page.beacons.map((it) => it.body);
  assert.equal(bodies.flatMap((body) => JSON.parse(body).events).length, 30);
  assert.ok(bodies.every((body) => new TextEncoder().encode(body).length < 65_536));
  assert.equal(page.beacons[0]!.url, `${server.origin}/events`);
});

test("with a key the last events go by fetch, as beacons carry none", async () => {
  const page = openPage();
  const client = await start({ apiKey: "pk_1" });
  client.track("x");
  page.leave();
  await sleep(100);
  assert.deepEqual(page.beacons, []);
  assert.equal(posts()[0]!.headers.authorization, "Bearer pk_1");
  assert.equal(sent().length, 1);
});

test("events that a page left behind are sent by the next, with their ids", async () => {
  const page = openPage();
  server.faults.set("/events", status(503));
  const first = await start();
  first.track("x");
  await first.flush();
  const { events } = JSON.parse(posts()[0]!.body);
  page.reload();
  server.faults.clear();
  const second = await start();
  await second.flush();
  assert.deepEqual(sent(), events);
  assert.deepEqual(
    [...page.local.items.keys()].filter((key) => key.startsWith("lotwise:events")),
    [],
  );
});

test("storage that throws, or is full, costs nothing but its use", async () => {
  const page = openPage();
  page.local.failure = page.session.failure = new Error("QuotaExceededError");
  server.publish({ environment: "prod", version: 1, experiments: [{ ...experiment, sticky: true }] });
  const client = await start();
  for (let i = 0; i < 2; i++) assert.equal(client.variant("button").variant, "control");
  client.track("x");
  await client.flush();
  assert.equal(sent().length, 2);
  assert.deepEqual(codes(), []);
});

test("clients for other users share snapshot and queue, and end with the first", async () => {
  const client = await start();
  const before = server.requests.length;
  const other = client.forUser({ userKey: "other" });
  other.variant("button");
  assert.equal(server.requests.length, before);
  client.variant("button");
  await client.close();
  assert.deepEqual(
    sent().map((event) => event.user_key),
    ["other", "user-1"],
  );
  assert.equal(posts().length, 1);
  assert.equal(other.status, "closed");
  other.track("late");
  await other.flush();
  assert.equal(sent().length, 2);
});

test("events that are added while others are on their way are not lost", async () => {
  const client = await start();
  client.track("first");
  const flushed = client.flush();
  client.track("second");
  await flushed;
  await client.flush();
  assert.deepEqual(
    sent().map((event) => event.event_name),
    ["first", "second"],
  );
});
