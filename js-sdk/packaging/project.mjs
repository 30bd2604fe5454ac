// Fresh folders with the packed package in them, and commands run there.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const HERE = import.meta.dirname;
const SDK = join(HERE, "..");

/** A folder outside of this project, so that nothing is found but what was installed. */
const TOP = await mkdtemp(join(tmpdir(), "lotwise-packaging-"));

/** Removes all of them. */
export function clean() {
  return rm(TOP, { recursive: true, force: true });
}

/** Packs the package as it would be published; its path and the files in it. */
export async function pack() {
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", TOP], SDK);
  const packed = Object.values(JSON.parse(stdout))[0];
  return { tarball: join(TOP, packed.filename), files: packed.files.map((file) => file.path) };
}

/** A project that depends on the package and on nothing else. `files`: texts by name. */
export async function project(name, tarball, files = {}) {
  const folder = join(TOP, name);
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", tarball], folder);
  await cp(join(HERE, "consumers"), folder, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return folder;
}

/** Runs one of the programs that are installed here. */
export function tool(name, args, folder, env) {
  return run(join(HERE, "node_modules", ".bin", name), args, folder, env);
}

/** Runs a program; fails with what it said. */
export async function run(program, args, folder, env = {}) {
  try {
    const options = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 1 << 26, timeout: 90_000 };
    return await promisify(execFile)(program, args, options);
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}: ${error.message}\n${error.stdout ?? ""}`);
  }
}
