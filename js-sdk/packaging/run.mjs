// Proves that the package, packed and installed elsewhere, works where applications take it to.
//
//   cargo xtask dev --no-edge --exec "node js-sdk/packaging/run.mjs [part of a proof's name]"
//
// Prints a line per proof, and fails if one fails. The package has to be built (`cargo xtask sdk`).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { pageProofs } from "./pages.mjs";
import { programProofs } from "./programs.mjs";
import { clean, pack, project } from "./project.mjs";
import { stage } from "./stage.mjs";

const only = process.argv[2] ?? "";
const api = process.env.LOTWISE_API_URL;
if (!api) throw new Error("LOTWISE_API_URL says where the server is: see the first lines of this file");

const { tarball, files } = await pack();
const { users, expected } = await stage();
const prepared = {
  tarball,
  users,
  lotwise: api.replace(/\/api$/, ""),
  consumer: (name) => readFileSync(join(import.meta.dirname, "consumers", name), "utf8"),
};
const proofs = {
  "package, what is in it": contents,
  ...programProofs(prepared),
  ...pageProofs(prepared),
};

let failed = 0;
for (const [name, prove] of Object.entries(proofs)) {
  if (!name.includes(only)) continue;
  const start = performance.now();
  const fault = await prove().then(
    (found) => found && judge(found, name.endsWith("decided by the edge")),
    (error) => error.message,
  );
  failed += fault ? 1 : 0;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${fault ? "FAILED" : "proven"} ${name} (${seconds} s)${fault ? `: ${fault}` : ""}`);
}
await clean();
// Whatever a proof has left running.
process.exit(failed ? 1 : 0);

/** What is wrong with what users got; nothing if it is what the server says. */
function judge({ answers, errors, said }, isRemote) {
  if (said.length) return `complaints: ${said.join("; ")}`;
  const codes = new Set(errors.map((error) => error.split(":")[0]));
  const wanted = new Set(isRemote ? ["engine_unavailable"] : []);
  if (!isDeepStrictEqual(codes, wanted)) return `errors reported: ${errors.join("; ") || "none"}`;
  for (const [index, { variant, payload, reason, explained }] of answers.entries()) {
    const user = JSON.stringify(users[index]);
    if (!isDeepStrictEqual({ variant, payload }, expected[index])) {
      return `${user}: ${JSON.stringify({ variant, payload, reason })}, not ${JSON.stringify(expected[index])}`;
    }
    const reasons = isRemote ? ["REMOTE", "REMOTE_NONE"] : ["SPLIT", "RULE", "TARGETING_MISMATCH"];
    if (!reasons.includes(reason)) return `${user}: ${reason}`;
    if (explained !== (isRemote ? null : reason)) return `${user}: explained as ${explained}, not ${reason}`;
  }
  return answers.length === users.length ? undefined : `${answers.length} answers`;
}

/** Nothing but what is published, every file that `exports` names, and nothing installed with it. */
async function contents() {
  const allowed = /^(dist\/|docs\/reference\/|package\.json$|README\.md$|LICENSE$)/;
  const strange = files.filter(
    (file) => !allowed.test(file) || /\.(ts|tsx)$/.test(file.replace(/\.d\.c?ts$/, "")),
  );
  if (strange.length) throw new Error(`packed, too: ${strange.join(", ")}`);
  const folder = await project("contents", tarball);
  const installed = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages;
  const others = Object.keys(installed).filter((it) => it && it !== "node_modules/lotwise");
  if (others.length) throw new Error(`installed, too: ${others.join(", ")}`);
  const { exports, bin } = JSON.parse(
    readFileSync(join(folder, "node_modules/lotwise/package.json"), "utf8"),
  );
  const missing = [...leaves(exports), ...leaves(bin)].filter((file) => !files.includes(file.slice(2)));
  if (missing.length) throw new Error(`named, but not packed: ${missing.join(", ")}`);
}

function leaves(value) {
  return typeof value === "string" ? [value] : Object.values(value).flatMap(leaves);
}
