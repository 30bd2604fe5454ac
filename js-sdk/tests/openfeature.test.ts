import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  OpenFeature as Server,
  ProviderEvents as ServerEvents,
  type JsonValue,
} from "@openfeature/server-sdk";
import { OpenFeature as Web, ProviderEvents as WebEvents } from "@openfeature/web-sdk";
import { LotwiseServerProvider } from "../src/openfeature/server.js";
import { LotwiseWebProvider } from "../src/openfeature/web.js";
import type { Lotwise, LotwiseOptions, User } from "../src/types.js";
import { fakeLotwise, type Decisions } from "./fake.js";

const decisions: Decisions = {
  button: { variant: "treatment", payload: { color: "#00cc66" } },
  checkout: { variant: "on", payload: { value: true }, reason: "RULE" },
  concluded: { variant: "big", payload: 12, reason: "CONCLUDED" },
  list: { variant: "a", payload: [1] },
  nothing: { variant: "a", payload: null },
  out: { variant: null, reason: "NOT_IN_TRAFFIC" },
  pinned: { variant: "x", payload: "hello", reason: "OVERRIDE" },
  two: { variant: "a", payload: { value: 1, unit: "s" }, reason: "STICKY" },
};

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Each in a domain of its own. */
async function web(t: TestContext, provider: LotwiseWebProvider, context = { targetingKey: "user-1" }) {
  await Web.setProviderAndWait(t.name, provider, context);
  return Web.getClient(t.name);
}

test("web: values, variants, reasons and details", async (t) => {
  const client = fakeLotwise(decisions);
  const flags = await web(t, new LotwiseWebProvider(client));
  const at = (reason: string) => ({ reason, config_version: 1 });
  const button = flags.getObjectDetails("button", {});
  assert.deepEqual(button.value, { color: "#00cc66" });
  assert.equal(button.variant, "treatment");
  assert.equal(button.reason, "SPLIT");
  assert.deepEqual(button.flagMetadata, at("SPLIT"));

  const checkout = flags.getBooleanDetails("checkout", false);
  assert.deepEqual([checkout.value, checkout.reason], [true, "TARGETING_MATCH"]);
  assert.deepEqual(checkout.flagMetadata, at("RULE"));
  const concluded = flags.getNumberDetails("concluded", 0);
  assert.deepEqual([concluded.value, concluded.reason], [12, "STATIC"]);
  const pinned = flags.getStringDetails("pinned", "");
  assert.deepEqual([pinned.value, pinned.reason], ["hello", "TARGETING_MATCH"]);
  assert.deepEqual(flags.getObjectValue("two", {}), { value: 1, unit: "s" });

  const out = flags.getBooleanDetails("out", true);
  assert.deepEqual(
    [out.value, out.reason, out.errorCode, out.variant],
    [true, "UNKNOWN", undefined, undefined],
  );
  assert.deepEqual(out.flagMetadata, at("NOT_IN_TRAFFIC"));
});

test("web: what cannot be given is the default with an error code, and nobody is exposed", async (t) => {
  const client = fakeLotwise(decisions);
  const flags = await web(t, new LotwiseWebProvider(client));
  client.log.length = 0;
  const codeOf = (flag: string) => {
    const { value, errorCode, reason } = flags.getStringDetails(flag, "default");
    assert.equal(value, "default");
    assert.equal(reason, "ERROR");
    return errorCode;
  };
  assert.equal(codeOf("button"), "TYPE_MISMATCH");
  assert.equal(codeOf("list"), "GENERAL");
  assert.equal(codeOf("nothing"), "GENERAL");
  assert.equal(codeOf("missing"), "FLAG_NOT_FOUND");
  assert.equal(flags.getObjectDetails<JsonValue>("list", []).errorCode, "GENERAL");
  client.decide({ button: { reason: "INVALID_USER" } });
  assert.equal(codeOf("button"), "INVALID_CONTEXT");
  client.decide({ button: { reason: "NOT_READY" } });
  assert.equal(codeOf("button"), "PROVIDER_NOT_READY");
  assert.deepEqual(client.log, []);
});

test("web: the context is the user, and evaluations expose", async (t) => {
  const decide = ({ userKey }: User): Decisions => ({ button: { variant: userKey, payload: "b" } });
  const client = fakeLotwise({}, decide);
  const flags = await web(t, new LotwiseWebProvider(client));
  assert.equal(flags.getStringDetails("button", "").variant, "user-1");
  await Web.setContext(t.name, { targetingKey: "user-2", plan: "pro" });
  assert.equal(flags.getStringDetails("button", "").variant, "user-2");
  flags.track("purchase", { value: 42, sku: "a" });
  flags.track("seen");
  assert.deepEqual(client.log, [
    'user {"userKey":"user-1","context":{"targetingKey":"user-1"}}',
    "expose user-1 button user-1",
    'user {"userKey":"user-2","context":{"targetingKey":"user-2","plan":"pro"}}',
    "expose user-2 button user-2",
    'track user-2 purchase {"value":42,"properties":{"sku":"a"}}',
    "track user-2 seen {}",
  ]);
});

test("web: events say what becomes of the client", async (t) => {
  const client = fakeLotwise(decisions);
  const flags = await web(t, new LotwiseWebProvider(client));
  const heard: string[] = [];
  for (const event of [WebEvents.Ready, WebEvents.Stale, WebEvents.Error]) {
    flags.addHandler(event, () => void heard.push(event));
  }
  flags.addHandler(WebEvents.ConfigurationChanged, (details) => {
    heard.push(`${details?.flagsChanged?.join(" ")}`);
  });
  await turn();
  heard.length = 0;
  client.decide({ ...decisions, button: { variant: "control", payload: {} }, added: { variant: "a" } });
  await turn();
  assert.deepEqual(heard.splice(0), ["added button"]);
  client.become("stale");
  await turn();
  assert.equal(heard.splice(0)[0], "PROVIDER_STALE");
  assert.equal(flags.providerStatus, "STALE");
  client.become("ready");
  await turn();
  assert.equal(heard.splice(0)[0], "PROVIDER_READY");
  await Web.setContext(t.name, { targetingKey: "user-7" });
  await turn();
  assert.deepEqual(heard, []);
});

test("web: a provider makes its client of options and the context, and closes it", async (t) => {
  const client = fakeLotwise(decisions);
  let made: LotwiseOptions = {};
  const create = async (options: LotwiseOptions): Promise<Lotwise> => ((made = options), client);
  const errors: string[] = [];
  const options: LotwiseOptions = {
    snapshotUrl: "https://edge.example.com/prod/client",
    context: { app: "shop" },
    onError: ({ code }) => errors.push(code),
  };
  const context = { targetingKey: "user-3", plan: "pro" };
  await web(t, new LotwiseWebProvider(options, { create }), context);
  assert.equal(made.userKey, "user-3");
  assert.deepEqual(made.context, { app: "shop", targetingKey: "user-3", plan: "pro" });
  made.onError?.({ code: "snapshot_unavailable", message: "gone" });
  assert.deepEqual(errors, ["snapshot_unavailable"]);
  await Web.setProviderAndWait(t.name, new LotwiseWebProvider(fakeLotwise({})));
  await turn();
  assert.equal(client.log.at(-1), "close");
});

test("web: without a snapshot the provider is in error until there is one", async (t) => {
  const client = fakeLotwise(decisions);
  client.become("failed");
  const provider = new LotwiseWebProvider(Promise.resolve(client));
  await assert.rejects(Web.setProviderAndWait(t.name, provider, { targetingKey: "user-1" }));
  const flags = Web.getClient(t.name);
  assert.equal(flags.providerStatus, "ERROR");
  client.become("ready");
  await turn();
  assert.equal(flags.providerStatus, "READY");
});

test("web: a start from a kept snapshot is ready, and stale", async (t) => {
  const client = fakeLotwise(decisions);
  client.become("stale");
  const flags = await web(t, new LotwiseWebProvider(client));
  await turn();
  assert.equal(flags.providerStatus, "STALE");
  assert.equal(flags.getBooleanValue("checkout", false), true);
});

test("server: each evaluation has its context", async (t) => {
  const decide = ({ userKey }: User): Decisions =>
    userKey === ""
      ? { button: { reason: "INVALID_USER" } }
      : { button: { variant: userKey, payload: { value: "b" } } };
  const client = fakeLotwise({}, decide);
  await Server.setProviderAndWait(t.name, new LotwiseServerProvider(client));
  const flags = Server.getClient(t.name);
  const one = await flags.getStringDetails("button", "", { targetingKey: "user-1", plan: "pro" });
  assert.deepEqual([one.value, one.variant, one.reason], ["b", "user-1", "SPLIT"]);
  assert.deepEqual(one.flagMetadata, { reason: "SPLIT", config_version: 1 });
  const two = await flags.getBooleanDetails("button", false, { targetingKey: "user-2" });
  assert.deepEqual([two.value, two.errorCode], [false, "TYPE_MISMATCH"]);
  const none = await flags.getNumberDetails("missing", 5, { targetingKey: "user-2" });
  assert.deepEqual([none.value, none.errorCode], [5, "FLAG_NOT_FOUND"]);
  const nobody = await flags.getObjectDetails("button", {});
  assert.equal(nobody.errorCode, "TARGETING_KEY_MISSING");
  flags.track("purchase", { targetingKey: "user-1" }, { value: 42, sku: "a" });
  flags.track("nobody");
  assert.deepEqual(
    client.log.filter((line) => !line.startsWith("forUser")),
    ["expose user-1 button user-1", 'track user-1 purchase {"value":42,"properties":{"sku":"a"}}'],
  );
  assert.ok(
    client.log.includes('forUser {"userKey":"user-1","context":{"targetingKey":"user-1","plan":"pro"}}'),
  );
});

test("server: events, and the end", async (t) => {
  const client = fakeLotwise(decisions);
  const create = async (): Promise<Lotwise> => client;
  await Server.setProviderAndWait(t.name, new LotwiseServerProvider({ snapshotUrl: "x" }, { create }));
  const flags = Server.getClient(t.name);
  let changes = 0;
  flags.addHandler(ServerEvents.ConfigurationChanged, () => void (changes += 1));
  client.decide({});
  await turn();
  assert.equal(changes, 1);
  client.become("stale");
  await turn();
  assert.equal(flags.providerStatus, "STALE");
  await Server.close();
  assert.equal(client.log.at(-1), "close");
  assert.equal(client.listeners(), 0);
});
