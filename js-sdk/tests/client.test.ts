import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createClient, createClientSync } from "../src/client/create.js";
import type { Change, Lotwise, LotwiseError, LotwiseOptions } from "../src/types.js";
import { binaryOf, engines, small, type TestDocument } from "./engine.js";
import { closePage, openPage } from "./page.js";
import { cut, hang, startServer, status, truncated, type TestServer } from "./server.js";

const button = { key: "button", variants: { control: { color: "blue" }, treatment: { color: "green" } } };
const documentOf = (version: number, gives: string | null = "control", more: object = {}): TestDocument => ({
  environment: "prod",
  version,
  experiments: [{ ...button, gives, ...more }],
});

let server: TestServer;
let errors: LotwiseError[];
let clients: Lotwise[];
const codes = () => errors.map((error) => error.code);

beforeEach(async () => {
  server = await startServer();
  server.publish(documentOf(1));
  errors = [];
  clients = [];
});
afterEach(async () => {
  server.faults.clear();
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
  closePage();
});

const usual = (options: LotwiseOptions = {}): LotwiseOptions => ({
  snapshotUrl: server.url,
  userKey: "user-1",
  pollInterval: 0,
  exposures: { flushInterval: 60_000 },
  onError: (error) => errors.push(error),
  ...options,
});
async function start(options: LotwiseOptions = {}, by = engines): Promise<Lotwise> {
  const client = await createClient(usual(options), by);
  clients.push(client);
  return client;
}

test("a client decides on what was published", async () => {
  const client = await start();
  assert.deepEqual(client.variant("button"), {
    experiment: "button",
    variant: "control",
    payload: { color: "blue" },
    reason: "SPLIT",
    isOverride: false,
  });
  assert.equal(client.status, "ready");
  assert.equal(client.environment, "prod");
  assert.equal(client.version, 1);
  assert.ok(server.requests.some((it) => it.what.endsWith(".bin")));
  assert.ok(!server.requests.some((it) => it.what.includes("-") && it.what.endsWith(".json")));
  assert.deepEqual(errors, []);
});

for (const pointer of [{ binary: undefined }, { binary: { format: "lotwise-9", path: "x" } }])
  test(`the document is taken where the binary form is ${JSON.stringify(pointer.binary)}`, async () => {
    server.publish(documentOf(1), { pointer });
    const client = await start();
    assert.equal(client.variant("button").variant, "control");
    assert.ok(!server.requests.some((it) => it.what.endsWith(".bin")));
  });

const startFaults = { "500": status(500), "429": status(429, { "retry-after": "9" }), cut, truncated };
for (const [name, fault] of Object.entries(startFaults))
  for (const path of ["/prod/client/version.json", "*.bin"])
    test(`a newer snapshot that fails with ${name} at ${path} leaves the last good one, reported once`, async () => {
      const client = await start();
      server.publish(documentOf(2, "treatment"));
      server.faults.set(path, fault);
      if (path === "*.bin") server.faults.set("*.json", fault);
      await client.refresh();
      await client.refresh();
      assert.equal(client.peek("button").variant, "control");
      assert.equal(client.status, "stale");
      assert.deepEqual(codes(), ["snapshot_unavailable"]);
      server.faults.clear();
      await client.refresh();
      assert.equal(client.peek("button").variant, "treatment");
      assert.equal(client.status, "ready");
    });

test("bytes of another digest are refused", async () => {
  const client = await start();
  server.publish(documentOf(2, "treatment"), { wrongDigest: true });
  await client.refresh();
  assert.equal(client.version, 1);
  assert.deepEqual(codes(), ["snapshot_refused"]);
});

const badPointers = {
  "another environment": { environment: "dev" },
  "another schema": { schema_version: 2 },
  "a path elsewhere": { snapshot: "../../secret.json", binary: undefined },
  "no version": { version: "2" },
};
for (const [name, pointer] of Object.entries(badPointers))
  test(`a version.json with ${name} is refused`, async () => {
    const client = await start();
    server.publish(documentOf(2, "treatment"), { pointer });
    await client.refresh();
    assert.equal(client.version, 1);
    assert.deepEqual(codes(), ["snapshot_refused"]);
    assert.ok(!server.requests.some((it) => it.what.includes("secret")));
  });

test("a version that goes back, or the same again, changes nothing", async () => {
  server.publish(documentOf(5, "treatment"));
  const client = await start();
  const objects = () => server.requests.filter((it) => it.what.includes("/snapshots/")).length;
  const before = objects();
  let changes = 0;
  client.on("change", () => (changes += 1));
  for (const version of [4, 5]) {
    server.publish(documentOf(version, "control"));
    await client.refresh();
  }
  assert.equal(client.peek("button").variant, "treatment");
  assert.equal(changes, 0);
  assert.equal(objects(), before);
  assert.equal(client.status, "ready");
});

test("outside pages requests are conditional, and 304 keeps what is held", async () => {
  const client = await start();
  await client.refresh();
  const looks = server.requests.filter((it) => it.what.endsWith("version.json"));
  assert.deepEqual(
    looks.map((it) => it.status),
    [200, 304],
  );
  assert.equal(client.variant("button").variant, "control");
});

test("a start without a server ends after startTimeout and gives fallbacks", async () => {
  server.faults.set("/prod/client/version.json", hang);
  const began = Date.now();
  const client = await start({ startTimeout: 100 });
  assert.ok(Date.now() - began < 1500);
  const fallback = { color: "red" };
  const decision = client.variant("button", { fallback });
  assert.equal(decision.reason, "NOT_READY");
  assert.equal(decision.payload, fallback);
  assert.equal(client.variant("button", { fallback }), decision);
  assert.equal(client.status, "loading");
  assert.equal(client.environment, "prod");
});

test("a start goes on with what was kept, and says that it is stale", async () => {
  openPage();
  const first = await start();
  await sleep(20);
  await first.close();
  server.faults.set("/prod/client/version.json", status(500));
  const second = await start();
  assert.equal(second.variant("button").variant, "control");
  assert.equal(second.status, "stale");
  const third = await start({ keepSnapshot: false });
  assert.equal(third.variant("button").variant, null);
  assert.equal(third.status, "failed");
});

test("looks pause while the page is hidden, and one is made at once when it shows again", async () => {
  const page = openPage();
  await start({ pollInterval: 1000 });
  const looks = () => server.requests.filter((it) => it.what.endsWith("version.json")).length;
  await sleep(1200);
  assert.equal(looks(), 2);
  page.setHidden(true);
  await sleep(1300);
  assert.equal(looks(), 2);
  page.setHidden(false);
  await sleep(150);
  assert.equal(looks(), 3);
});

test("a decision stays the same object across a refresh that leaves it alone", async () => {
  const client = await start();
  const fallback = {};
  const unknown = client.peek("unknown", { fallback });
  const before = client.peek("button");
  const all = client.decideAll();
  server.publish({ ...documentOf(2), experiments: [{ ...button, gives: "control" }] });
  await client.refresh();
  assert.equal(client.version, 2);
  assert.equal(client.peek("button"), before);
  assert.equal(client.decideAll(), all);
  assert.equal(client.peek("unknown", { fallback }), unknown);
  server.publish(documentOf(3, "treatment"));
  await client.refresh();
  assert.notEqual(client.peek("button"), before);
  assert.notEqual(client.decideAll(), all);
});

test("changes are told with their cause, until the listener goes", async () => {
  const client = await start();
  const changes: Change[] = [];
  const stop = client.on("change", (change) => changes.push(change));
  client.on("change", () => {
    throw new Error("the application's");
  });
  client.setContext({ country: "US" });
  server.publish(documentOf(2, "treatment"));
  await client.refresh();
  stop();
  client.setContext({});
  assert.deepEqual(changes, [
    { cause: "user", version: 1 },
    { cause: "snapshot", version: 2 },
  ]);
  assert.deepEqual(codes(), ["callback_failed"]);
});

test("a snapshot that wants the larger build gets it, and a change is told", async () => {
  server.publish({ ...documentOf(1), wantsFull: true });
  let release = () => {};
  const waits = new Promise<void>((resolve) => (release = resolve));
  const slow = { ...engines, loadFull: () => waits.then(engines.loadFull) };
  const client = await start({}, slow);
  assert.equal(client.variant("button").reason, "UNSUPPORTED");
  const change = new Promise<Change>((resolve) => client.on("change", resolve));
  release();
  assert.deepEqual(await change, { cause: "engine", version: 1 });
  assert.equal(client.variant("button").variant, "control");
});

test("without WebAssembly the edge decides", async () => {
  server.decide = ({ user_key }) => ({
    config_version: 4,
    assignments: [{ experiment_key: "button", variant_key: user_key, payload: { a: [1] } }],
  });
  const loadSmall = () => Promise.reject(new Error("CSP"));
  const client = await start({}, { ...engines, loadSmall });
  const { variant, reason, payload } = client.variant("button");
  assert.deepEqual([variant, reason, payload], ["user-1", "REMOTE", { a: [1] }]);
  assert.ok(Object.isFrozen(payload.a));
  assert.equal(client.peek("other").reason, "REMOTE_NONE");
  assert.deepEqual(codes(), ["engine_unavailable"]);
});

test("remote mode asks again for another user, shortly or by POST, and never shows another's answer", async () => {
  server.decide = ({ user_key }) => ({
    config_version: 4,
    assignments: [{ experiment_key: "button", variant_key: user_key }],
  });
  const client = await start({ mode: "remote" });
  assert.equal(client.peek("button").variant, "user-1");
  client.setUser({ userKey: "user-2", context: { long: "x".repeat(3000) } });
  assert.equal(client.peek("button").variant, null);
  await client.refresh();
  assert.equal(client.peek("button").variant, "user-2");
  assert.deepEqual(
    server.requests.map((it) => it.what.split("?")[0]),
    ["GET /decide", "POST /decide"],
  );
  await client.refresh();
  assert.equal(server.requests.at(-1)!.status, 304);
  const other = client.forUser({ userKey: "user-3" });
  await other.refresh();
  assert.equal(other.peek("button").variant, "user-3");
  assert.equal(client.peek("button").variant, "user-2");
});

test("a page starts synchronously from what a server hands over", async () => {
  const onServer = await start({ context: { country: "US" } });
  const bootstrap = JSON.parse(
    JSON.stringify(onServer.forUser({ userKey: "u", context: { a: 1 } }).dehydrate()),
  );
  openPage();
  const client = createClientSync({ ...usual(), ...bootstrap }, () => small, engines);
  clients.push(client);
  assert.equal(client.variant("button").variant, "control");
  assert.equal(client.userKey, "u");
  assert.equal(client.status, "ready");
  assert.equal(bootstrap.sha256.length, 64);
});

test("a snapshot may be bytes, text or an object; others are refused with a report", async () => {
  const document = documentOf(3);
  const alone = { snapshotUrl: undefined as unknown as string };
  const forms: any[] = [binaryOf(document), JSON.stringify(document), document];
  for (const snapshot of forms) {
    const client = await start({ ...alone, snapshot });
    assert.equal(client.peek("button").variant, "control");
  }
  assert.deepEqual(codes(), []);
  for (const snapshot of ["%%%", new Uint8Array([9]), { no: 1n }] as any[]) {
    const client = await start({ ...alone, snapshot });
    assert.equal(client.peek("button").reason, "NOT_READY");
  }
  assert.deepEqual(codes(), ["snapshot_refused", "snapshot_refused", "snapshot_refused"]);
});

test("explain tells why, with the larger build", async () => {
  const client = await start();
  assert.equal((await client.explain("button"))?.bucket, 7);
  assert.equal((await client.explain()).length, 1);
  assert.equal(await client.explain("unknown"), null);
});

test("a context counts as what JSON makes of it, at the time it was given", async () => {
  server.publish(documentOf(1, "control", { country: "US" }));
  const context = { country: "US" };
  const client = await start({ context });
  context.country = "NZ";
  assert.equal(client.peek("button").variant, "control");
  client.setContext({ country: { toJSON: () => "US" } });
  assert.equal(client.peek("button").variant, "control");
  client.setContext({ country: "NZ" });
  assert.equal(client.peek("button").reason, "TARGETING_MISMATCH");
});

const cyclic: any = {};
cyclic.self = cyclic;
const badUsers: { [name: string]: any } = {
  "a cyclic context": { userKey: "u", context: cyclic },
  "a BigInt": { userKey: "u", context: { big: 1n } },
  "half a surrogate pair": { userKey: "u", context: { half: "\ud800" } },
  "half a surrogate pair in the key": { userKey: "\udc00" },
  "a context that is an array": { userKey: "u", context: [] },
  "a getter that throws": {
    userKey: "u",
    get context() {
      throw new Error("no");
    },
  },
  "no key": {},
  "a number as key": { userKey: 7 },
  "a long key": { userKey: "é".repeat(257) },
  "a key that the core refuses": { userKey: "trap" },
  nothing: undefined,
};
for (const [name, user] of Object.entries(badUsers))
  test(`a user with ${name} gets fallbacks, a reason and one report`, async () => {
    const client = await start();
    client.setUser(user);
    assert.equal(client.variant("button").reason, "INVALID_USER");
    assert.equal(client.variant("button").variant, null);
    assert.deepEqual(client.decideAll(), []);
    assert.deepEqual(codes(), ["invalid_user"]);
    client.setUser({ userKey: "fine", context: { escaped: "\\ud800" } });
    assert.equal(client.variant("button").variant, "control");
  });

const hostile: { [name: string]: any } = {
  null: null,
  "a getter that throws": {
    get userKey() {
      throw new Error("no");
    },
  },
  "a proxy that throws": new Proxy({}, { get: () => assert.fail("no") }),
  "rubbish everywhere": {
    snapshotUrl: 7,
    snapshot: 7,
    sticky: 7,
    forced: 7,
    exposures: 7,
    onError: 7,
    onExposure: 7,
    fetch: 7,
    pollInterval: NaN,
    userKey: {},
    environment: [],
  },
  "an address that is none": { snapshotUrl: "prod/client" },
  "an onError that throws": {
    onError() {
      throw new Error("no");
    },
  },
  "a fetch that throws": {
    snapshotUrl: "http://127.0.0.1:1/prod/client",
    fetch() {
      throw new Error("no");
    },
  },
};
for (const [name, options] of Object.entries(hostile))
  test(`nothing throws with options that are ${name}`, async (t) => {
    t.mock.method(console, "warn", () => {});
    const client = await createClient(options, engines);
    clients.push(client);
    assert.equal(client.variant("button", { fallback: 1 }).payload, 1);
    assert.deepEqual(client.decideAll(), []);
    client.track("x", { properties: cyclic });
    client.track(null as any);
    client.on("change", null as any)();
    client.variant(Symbol("x") as any, null as any);
    const getter = {
      get fallback(): never {
        throw new Error("no");
      },
    };
    assert.equal(client.variant("x", getter).payload, null);
    assert.equal(client.dehydrate(), null);
    assert.deepEqual(await client.explain(), []);
    await client.refresh();
    await client.flush();
  });

test("forced variants are off, until they are enabled", async () => {
  openPage("?lotwise=button:treatment,other:x");
  assert.equal((await start()).variant("button").variant, "control");
  const client = await start({ forced: true });
  const { variant, reason, isOverride } = client.variant("button");
  assert.deepEqual([variant, reason, isOverride], ["treatment", "OVERRIDE", true]);
  await client.flush();
  const marks = [...server.events.values()].map((event) => [event.variant_key, event.is_override]);
  assert.deepEqual(marks, [["treatment", true]]);
  assert.equal((await start({ forced: { button: "no-such" } })).variant("button").variant, "control");
});

for (const sticky of [undefined, "cookie"] as const)
  test(`what the split gave is remembered per user, in ${sticky ?? "localStorage"}, for sticky experiments only`, async () => {
    const page = openPage();
    const experiments = (gives: string) => [
      { ...button, gives, sticky: true },
      { ...button, key: "loose", gives },
      { ...button, key: "ruled", gives, sticky: true, reason: "RULE" as const },
    ];
    server.publish({ environment: "prod", version: 1, experiments: experiments("control") });
    const options = sticky ? { sticky } : {};
    const first = await start(options);
    for (const key of ["button", "loose", "ruled"]) first.variant(key);
    await first.close();
    page.reload();
    server.publish({ environment: "prod", version: 2, experiments: experiments("treatment") });
    const second = await start(options);
    const got = second.decideAll().map((it) => [it.experiment, it.variant, it.reason]);
    assert.deepEqual(got, [
      ["button", "control", "STICKY"],
      ["loose", "treatment", "SPLIT"],
      ["ruled", "treatment", "RULE"],
    ]);
    assert.equal(second.forUser({ userKey: "user-2" }).peek("button").variant, "treatment");
  });

test("peeking remembers nothing, and servers remember nothing by themselves", async () => {
  server.publish(documentOf(1, "control", { sticky: true }));
  const onServer = await start();
  const visitor = onServer.forUser({ userKey: "a" });
  visitor.variant("button");
  visitor.setContext({ country: "US" });
  assert.equal(visitor.peek("button").reason, "SPLIT");
  const page = openPage();
  const client = await start();
  client.peek("button");
  client.decideAll();
  assert.ok(![...page.local.items.keys()].some((key) => key.includes("sticky")));
});

test("a sticky store of the application is asked, and may throw", async () => {
  server.publish(documentOf(1, "control", { sticky: true }));
  const saved: unknown[] = [];
  const store = {
    load: () => {
      throw new Error("no");
    },
    save: (...all: unknown[]) => {
      saved.push(all);
      throw new Error("no");
    },
  };
  const client = await start({ sticky: store });
  assert.equal(client.variant("button").variant, "control");
  assert.deepEqual(saved, [["prod", "user-1", { button: "control" }]]);
  assert.deepEqual(codes(), ["callback_failed"]);
});

test("sticky state that is handed in counts for its user", async () => {
  const client = await start({ sticky: { button: "treatment" } });
  assert.equal(client.variant("button").reason, "STICKY");
  assert.equal(client.forUser({ userKey: "other" }).variant("button").reason, "SPLIT");
});

test("with nothing to decide on, or only what is refused, the client has failed", async () => {
  const without = { snapshotUrl: undefined } as unknown as LotwiseOptions;
  assert.equal((await start(without)).status, "failed");
  assert.equal((await start({ ...without, snapshot: "garbage" })).status, "failed");
  assert.ok(codes().includes("invalid_options") && codes().includes("snapshot_refused"));
});

test("a mode that is none asks the edge, and is reported", async () => {
  await start({ mode: "bogus" as "remote" });
  assert.ok(codes().includes("invalid_options"));
  assert.ok(!server.requests.some((it) => it.what.includes("version.json")));
});
