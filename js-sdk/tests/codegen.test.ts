import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { codegen } from "../src/cli/command.js";
import { generate } from "../src/cli/generate.js";
import { quoted, typeOf } from "../src/cli/infer.js";
import { check, scratch } from "./scratch.js";

const hostile = '"; } } export const hacked = 1; /* */ // \u2028\n`${x}`';

const document = {
  schema_version: 1,
  environment: "prod",
  version: 7,
  published_at: "2026-11-21T10:00:00Z",
  experiments: [
    {
      key: "checkout-button-color",
      variants: [
        { key: "treatment", payload: { color: "#00cc66", size: 2 } },
        { key: "control", payload: { color: "#0066cc" } },
      ],
    },
    { key: "a-list", variants: [{ key: "on", payload: [1, "two", { three: null }] }] },
    { key: "bare", variants: [{ key: "on" }, { key: "off" }] },
    { key: "broken" },
    { key: hostile, variants: [{ key: hostile, payload: { [hostile]: hostile, ["__proto__"]: 1 } }] },
  ],
};

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const code = await codegen(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  });
  return { code, out, err };
}

function pointer(body: string): { path: string; text: string } {
  const sha256 = createHash("sha256").update(body).digest("hex");
  const path = `snapshots/7-${sha256.slice(0, 16)}.json`;
  const text = {
    schema_version: 1,
    environment: "prod",
    version: 7,
    snapshot: path,
    sha256,
    bytes: body.length,
  };
  return { path, text: JSON.stringify(text) };
}

test("types of payloads", () => {
  assert.equal(
    typeOf([{ a: 1 }, { a: "x", b: true }]),
    '{ readonly "a": number | string; readonly "b"?: boolean | undefined }',
  );
  assert.equal(typeOf([null, 1]), "number | null");
  assert.equal(typeOf([[]]), "readonly (never)[]");
  assert.equal(typeOf([{}]), "{ readonly [name: string]: never }");
  assert.equal(typeOf([[{ a: 1 }, {}]]), 'readonly ({ readonly "a"?: number | undefined })[]');
  assert.equal(quoted('a"b*/\u2028'), '"a\\"b\\u002a\\u002f\\u2028"');
});

test("the order of what is published does not matter", () => {
  const turned = { ...document, experiments: [...document.experiments].reverse() };
  const read = (value: typeof document) => value as unknown as Parameters<typeof generate>[0];
  const known = (value: typeof document) => ({
    ...value,
    experiments: value.experiments.filter((e) => e.variants),
  });
  assert.equal(generate(read(known(document)), "x"), generate(read(known(turned)), "x"));
});

test("a generated file types keys, variants and payloads, and hostile names stay names", async (t) => {
  const folder = await scratch(t);
  await writeFile(join(folder, "prod.json"), JSON.stringify(document));
  const out = join(folder, "lotwise.d.ts");
  const { code, err } = await run("--snapshot", join(folder, "prod.json"), "--out", out);
  assert.equal(code, 0, err);
  const text = await readFile(out, "utf8");
  assert.match(text, /version 7 of environment "prod"/);
  assert.match(text, /npx lotwise codegen --snapshot/);
  // eslint-disable-next-line no-control-regex
  assert.match(text, /^[\x0a\x20-\x7e]*$/);

  const good = `
    import type { Experiments, Lotwise } from "lotwise";
    import { useVariant } from "lotwise/react";
    declare const lotwise: Lotwise;
    const { payload, variant } = lotwise.variant("checkout-button-color", { fallback: { color: "#fff" } });
    const color: string = payload.color;
    const size: number | undefined = payload.size;
    const key: "control" | "treatment" | null = variant;
    const first: number | string | { three: null } | undefined = lotwise.peek("a-list").payload[0];
    const bare: null = lotwise.peek("bare").payload;
    const anything: string = lotwise.variant("of another environment").payload.whatever;
    const named: number = lotwise.variant<"another", { n: number }>("another").payload.n;
    const inferred: number = lotwise.variant("another", { fallback: { n: 1 } }).payload.n;
    const hook: string = useVariant("checkout-button-color", { fallback: { color: "#fff" } }).payload.color;
    const odd: Experiments[${quoted(hostile)}]["variant"] = ${quoted(hostile)};
    const none: never = null! as Experiments["broken"]["variant"];
  `;
  assert.deepEqual(await check(folder, { "good.ts": good }), []);

  const bad = `
    import { hacked } from "lotwise";
    import type { Lotwise } from "lotwise";
    import { useVariant } from "lotwise/react";
    declare const lotwise: Lotwise;
    lotwise.variant("checkout-button-color").payload.colour;
    lotwise.variant("checkout-button-color").variant === "purple";
    lotwise.variant("checkout-button-color", { fallback: { color: 1 } });
    useVariant("checkout-button-color", { fallback: { colour: "#fff" } });
  `;
  const faults = await check(folder, { "good.ts": "", "bad.ts": bad });
  const lines = faults.map((fault) => /bad\.ts\((\d+)/.exec(fault)?.[1]);
  assert.deepEqual(lines, ["2", "6", "7", "8", "9"], faults.join("\n"));
});

test("a client document's address, its version.json and a file of it give the same types", async (t) => {
  const folder = await scratch(t);
  const body = JSON.stringify(document);
  const { path, text } = pointer(body);
  const objects: Record<string, string> = {
    "/prod/client/version.json": text,
    [`/prod/client/${path}`]: body,
  };
  const server = createServer((request, response) => {
    const found = objects[request.url!];
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await mkdir(join(folder, "snapshots"));
  await writeFile(join(folder, "version.json"), text);
  await writeFile(join(folder, path), body);

  const written: string[] = [];
  const places = [
    `${base}/prod/client`,
    `${base}/prod/client/`,
    `${base}/prod/client/version.json`,
    join(folder, "version.json"),
  ];
  for (const place of places) {
    const out = join(folder, "out.d.ts");
    const { code, err } = await run("--snapshot", place, "--out", out);
    assert.equal(code, 0, err);
    written.push((await readFile(out, "utf8")).split("\n").slice(2).join("\n"));
  }
  assert.equal(new Set(written).size, 1);

  const gone = await run("--snapshot", `${base}/dev/client`, "--out", join(folder, "x"));
  assert.deepEqual([gone.code, /404.*published/.test(gone.err)], [1, true]);
  objects[`/prod/client/${path}`] = body.replace("#00cc66", "#00cc67");
  const tampered = await run("--snapshot", `${base}/prod/client`, "--out", join(folder, "x"));
  assert.deepEqual([tampered.code, /SHA-256/.test(tampered.err)], [1, true]);
  objects["/prod/client/version.json"] = text.replace("snapshots/", "../../snapshots/");
  const escaping = await run("--snapshot", `${base}/prod/client`, "--out", join(folder, "x"));
  assert.deepEqual([escaping.code, /does not know/.test(escaping.err)], [1, true]);
});

test("--check fails while the file is stale, and a version alone makes none", async (t) => {
  const folder = await scratch(t);
  const [from, out] = [join(folder, "prod.json"), join(folder, "lotwise.d.ts")];
  const write = (value: object) => writeFile(from, JSON.stringify(value));
  await write(document);
  assert.equal((await run("--snapshot", from, "--out", out, "--check")).code, 1);
  assert.equal((await run("--snapshot", from, "--out", out)).code, 0);
  assert.equal((await run("--snapshot", from, "--out", out, "--check")).code, 0);
  await write({ ...document, version: 8 });
  assert.equal((await run("--snapshot", from, "--out", out, "--check")).code, 0);
  await write({ ...document, experiments: [] });
  const stale = await run("--snapshot", from, "--out", out, "--check");
  assert.deepEqual([stale.code, /is stale/.test(stale.err)], [1, true]);
});

test("wrong usage and unreadable documents say what is wrong", async (t) => {
  const folder = await scratch(t);
  assert.equal((await run()).code, 2);
  assert.equal((await run("--snapsot", "x")).code, 2);
  const help = await run("--help");
  assert.deepEqual([help.code, /Usage: lotwise codegen/.test(help.out)], [0, true]);
  const missing = await run("--snapshot", join(folder, "none.json"));
  assert.deepEqual([missing.code, /cannot read/.test(missing.err)], [1, true]);
  await writeFile(join(folder, "odd.json"), "{");
  assert.match((await run("--snapshot", join(folder, "odd.json"))).err, /is not JSON/);
  await writeFile(join(folder, "odd.json"), '{"experiments":[],"schema_version":2}');
  assert.match((await run("--snapshot", join(folder, "odd.json"))).err, /schema_version is 2/);
  await writeFile(join(folder, "odd.json"), "{}");
  assert.match((await run("--snapshot", join(folder, "odd.json"))).err, /neither/);
});
