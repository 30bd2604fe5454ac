// Proofs in Node, in a Worker, and of the types.

import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { serve } from "../browser/serve.mjs";
import { project, run, tool } from "./project.mjs";

const WRANGLER = {
  CI: "1",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_SEND_METRICS: "false",
};

/** The proofs by name; those that decide return what users get. */
export function programProofs(prepared) {
  const { tarball, users, lotwise } = prepared;

  /** Runs `main.js` against a server, which gets the events, too. */
  const decided = async (folder, file) => {
    const site = await serve({ folders: {}, lotwise });
    try {
      const { stdout, stderr } = await run(
        process.execPath,
        [file, site.origin, JSON.stringify(users)],
        folder,
      );
      return { ...JSON.parse(stdout), said: stderr.split("\n").filter(Boolean) };
    } finally {
      await site.close();
    }
  };

  const print = `decide(process.argv[2], JSON.parse(process.argv[3])).then((found) => console.log(JSON.stringify(found)));\n`;
  const commonJs = prepared
    .consumer("decide.js")
    .replace(/^import (.*) from (".*");$/m, "const $1 = require($2);")
    .replace("export async function", "async function");

  return {
    "Node, ES module": async () => {
      const folder = await project("node", tarball, {
        "main.js": `import { decide } from "./decide.js";\n${print}`,
      });
      return decided(folder, "main.js");
    },
    "Node, CommonJS": async () => {
      return decided(await project("commonjs", tarball, { "main.cjs": commonJs + print }), "main.cjs");
    },
    "Node, inline": async () => {
      const main = `import { decide } from "./decide-at-once.js";\n${print}`;
      return decided(await project("node-inline", tarball, { "main.js": main }), "main.js");
    },
    "Worker, bundled by wrangler, in workerd": () => worker("worker", "worker.js"),
    "Worker, inline": () =>
      worker("worker-inline", "worker.js", { "decide.js": prepared.consumer("decide-at-once.js") }),
    "types, moduleResolution bundler": async () => {
      await types("bundler", { module: "ESNext", moduleResolution: "bundler" }, ["typed.ts"]);
    },
    "types, moduleResolution node16": async () => {
      await types("node16", { module: "Node16", moduleResolution: "node16" }, ["typed.ts", "typed.cts"]);
    },
  };

  async function types(name, options, files) {
    const compilerOptions = {
      ...options,
      target: "ES2022",
      strict: true,
      noEmit: true,
      types: [],
      skipLibCheck: false,
    };
    const config = JSON.stringify({ compilerOptions, files });
    const folder = await project(`types-${name}`, tarball, { "tsconfig.json": config });
    await tool("tsc", [], folder);
  }

  async function worker(name, main, files = {}) {
    const config = `name = "${name}"\nmain = "${main}"\ncompatibility_date = "2026-04-01"\n`;
    const folder = await project(name, tarball, { "wrangler.toml": config, ...files });
    await tool("wrangler", ["deploy", "--dry-run", "--outdir", "bundle"], folder, WRANGLER);
    const modules = (await readdir(join(folder, "bundle"))).filter((it) => it.endsWith(".wasm"));
    const requireOf = createRequire(new URL("node_modules/wrangler/package.json", import.meta.url));
    const { Miniflare } = requireOf("miniflare");
    const site = await serve({ folders: {}, lotwise });
    const miniflare = new Miniflare({
      cf: false,
      telemetry: { enabled: false },
      compatibilityDate: "2026-04-01",
      modulesRoot: join(folder, "bundle"),
      modules: [
        { type: "ESModule", path: join(folder, "bundle", main) },
        ...modules.map((it) => ({ type: "CompiledWasm", path: join(folder, "bundle", it) })),
      ],
      bindings: { BASE: site.origin, USERS: users },
    });
    try {
      const response = await miniflare.dispatchFetch("http://worker/");
      if (!response.ok) throw new Error(await response.text());
      return { ...(await response.json()), said: [] };
    } finally {
      await miniflare.dispose();
      await site.close();
    }
  }
}
