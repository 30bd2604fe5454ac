import assert from "node:assert/strict";
import { test } from "node:test";

import { fixedLotwise } from "../src/testing.js";
import type { Change } from "../src/types.js";

test("a fixed client gives what it was told, and keeps what was exposed and tracked", () => {
  const client = fixedLotwise({ a: "on", b: { variant: "big", payload: { size: 2 } }, c: null });
  assert.equal(client.variant("a").variant, "on");
  client.variant("a");
  assert.deepEqual(client.peek("b").payload, { size: 2 });
  assert.equal(client.variant("c", { fallback: 3 }).payload, 3);
  assert.equal(client.variant("d").reason, "UNKNOWN_EXPERIMENT");
  client.track("bought", { value: 4 });
  assert.deepEqual(
    client.exposures.map((it) => [it.experiment_key, it.variant_key, it.user_key]),
    [["a", "on", "test-user"]],
  );
  assert.deepEqual(
    client.tracked.map((it) => [it.event_name, it.value]),
    [["bought", 4]],
  );
  assert.deepEqual(
    client.decideAll().map((it) => it.experiment),
    ["a", "b", "c"],
  );
  client.forUser({ userKey: "other" }).variant("a");
  assert.equal(client.exposures.length, 2);
  client.clear();
  assert.equal(client.exposures.length + client.tracked.length, 0);
});

test("setting decisions tells listeners and leaves equal ones the same objects", () => {
  const client = fixedLotwise({ a: "on", b: "on" });
  const [a, b] = [client.peek("a"), client.peek("b")];
  const changes: Change[] = [];
  const stop = client.on("change", (change) => changes.push(change));
  client.set({ a: "on", b: "off" });
  assert.equal(client.peek("a"), a);
  assert.notEqual(client.peek("b"), b);
  stop();
  client.set({ a: "off" });
  assert.deepEqual(changes, [{ cause: "snapshot", version: 2 }]);
});

test("a closed fixed client records nothing", async () => {
  const client = fixedLotwise({ a: "on" });
  await client.close();
  assert.equal(client.variant("a").variant, "on");
  assert.equal(client.exposures.length, 0);
  assert.equal(client.status, "closed");
});
