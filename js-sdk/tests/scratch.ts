// Compiles programs as an application would, against the types of the source.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";

const root = resolve(import.meta.dirname, "../..");

const entry = `
export type * from "${root}/src/types.js";
import type { Lotwise, LotwiseOptions } from "${root}/src/types.js";
export declare function createLotwise(options: LotwiseOptions): Promise<Lotwise>;
export declare function createLotwiseSync(options: LotwiseOptions): Lotwise;
`;

/** A folder for one test's files. */
export async function scratch(t: TestContext): Promise<string> {
  await mkdir(join(root, ".tests-dist"), { recursive: true });
  const folder = await mkdtemp(join(root, ".tests-dist/scratch-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Type-checks the folder's files together with these. Returns what the compiler says, a line per fault. */
export async function check(folder: string, files: Record<string, string>): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await mkdir(join(folder, "entry"), { recursive: true });
  await writeFile(join(folder, "entry/index.ts"), entry);
  const source = (path: string) => [join(root, "src", path)];
  const options = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: true,
      rootDir: root,
      module: "ESNext",
      moduleResolution: "Bundler",
      noUnusedLocals: false,
      paths: {
        lotwise: [join(folder, "entry/index.ts")],
        "lotwise/inline": [join(folder, "entry/index.ts")],
        "lotwise/react": source("react/index.ts"),
        "lotwise/openfeature": source("openfeature/web.ts"),
        "lotwise/openfeature/web": source("openfeature/web.ts"),
        "lotwise/openfeature/server": source("openfeature/server.ts"),
        "lotwise/testing": source("testing.ts"),
      },
    },
    include: [`${folder}/*`],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options));
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  return new Promise((done) => {
    execFile(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder }, (_fault, out) =>
      done(out.split("\n").filter((line) => line.includes("error TS"))),
    );
  });
}
