// Writes docs/reference/ from the types, or with --check compares it with what would be written.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Application } from "typedoc";

const root = resolve(import.meta.dirname, "..");
const kept = join(root, "docs/reference");
const isCheck = process.argv.includes("--check");
const out = isCheck ? await mkdtemp(join(tmpdir(), "lotwise-reference-")) : kept;

/** What applications import, by source file. */
const entries = {
  "entry/web": "lotwise",
  "entry/inline": "lotwise/inline",
  "react/index": "lotwise/react",
  "openfeature/web": "lotwise/openfeature/web",
  "openfeature/server": "lotwise/openfeature/server",
  testing: "lotwise/testing",
};

const application = await Application.bootstrapWithPlugins({
  plugin: ["typedoc-plugin-markdown"],
  name: "lotwise",
  tsconfig: join(root, "tsconfig.json"),
  entryPoints: Object.keys(entries).map((entry) => join(root, "src", `${entry}.ts`)),
  // The build checks types.
  skipErrorChecking: true,
  readme: "none",
  out,
  outputFileStrategy: "modules",
  excludeExternals: true,
  excludePrivate: true,
  disableSources: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function", "Method", "Variable"],
});
const project = await application.convert();
if (project === undefined) process.exit(1);
for (const module of project.children ?? []) {
  module.name = entries[module.name] ?? entries[`${module.name}/index`] ?? module.name;
}
application.validate(project);
if (application.logger.hasErrors() || application.logger.hasWarnings()) process.exit(1);
await application.generateOutputs(project);

if (isCheck) {
  const [now, then] = await Promise.all([contents(out), contents(kept)]);
  await rm(out, { recursive: true });
  const stale = [...new Set([...now.keys(), ...then.keys()])].filter(
    (name) => now.get(name) !== then.get(name),
  );
  if (stale.length > 0) {
    console.error(`docs/reference is stale (${stale.join(", ")}): npm run reference`);
    process.exit(1);
  }
  console.log("docs/reference is up to date");
}

/** Text by path. */
async function contents(folder) {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = names.filter((name) => name.endsWith(".md"));
  return new Map(
    await Promise.all(files.map(async (name) => [name, await readFile(join(folder, name), "utf8")])),
  );
}
