import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { test } from "node:test";
import { check, scratch } from "./scratch.js";

test("every snippet of the README compiles", async (t) => {
  const text = await readFile(resolve(import.meta.dirname, "../../README.md"), "utf8");
  const files: Record<string, string> = {};
  for (const [, language, code] of text.matchAll(/^```(tsx?)\n(.*?)^```$/gms)) {
    const line = text.slice(0, text.indexOf(code!)).split("\n").length;
    files[`line-${line}.${language}`] = `${code}\nexport {};\n`;
  }
  assert.ok(Object.keys(files).length > 8);
  assert.deepEqual(await check(await scratch(t), files), []);
});
