// Proofs in a page, in Chromium.

import { spawn } from "node:child_process";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { complaints, launch } from "../browser/chromium.mjs";
import { serve } from "../browser/serve.mjs";
import { project, tool } from "./project.mjs";

/** What pages with a strict policy allow themselves so that WebAssembly runs. */
const WITH_WASM = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const WITHOUT_WASM = "default-src 'self'";

const DIST = "node_modules/lotwise/dist";

/** The proofs by name. Each gets what `run.mjs` prepared, and returns what users get in its page. */
export function pageProofs(prepared) {
  const { tarball, users, lotwise } = prepared;
  const main = `import { decide } from "./decide.js";\nwindow.answers = decide(location.origin, ${JSON.stringify(users)});\n`;
  const html = (tags) => `<!doctype html><html lang="en"><title>Page</title>${tags}</html>`;
  const MODULE = `<script type="module" src="main.js"></script>`;

  /** A folder with the page in it. `files` are added, or replace what is there. */
  const page = (name, files) =>
    project(name, tarball, { "main.js": main, "index.html": html(MODULE), ...files });

  /** Opens the page and waits for what it finds out. */
  const open = async (folder, path, { csp, tolerated = [] } = {}) => {
    const site = await serve({ folders: { "/": folder }, lotwise, csp });
    try {
      return await visit(site, path, tolerated);
    } finally {
      await site.close();
    }
  };

  /** Imports what is there under a relative path, as without a bundler. */
  const relative = (file, entry) =>
    prepared.consumer(file).replace(/"lotwise(\/inline)?"/, `"./${DIST}/entry/${entry}.js"`);

  return {
    "page, Vite build": async () => {
      const folder = await page("vite");
      await tool("vite", ["build", "--logLevel", "warn"], folder);
      return open(join(folder, "dist"), "index.html");
    },
    "page, Vite development server": async () => {
      const site = await serve({ folders: {}, lotwise });
      const vite = new URL("node_modules/vite/dist/node/index.js", import.meta.url).href;
      const paths = ["^/prod/client/", "^/decide($|[?])", "^/events$"];
      const proxy = Object.fromEntries(paths.map((path) => [path, site.origin]));
      const options = JSON.stringify({ logLevel: "warn", server: { proxy, port: 0 } });
      const folder = await page("vite-dev", {
        "serve.mjs": `
          import { createServer } from "${vite}";
          const server = await createServer({ root: import.meta.dirname, ...${options} });
          await server.listen();
          console.log(server.resolvedUrls.local[0]);`,
      });
      try {
        return await withServer(folder, (url) =>
          visit({ origin: url.slice(0, -1) }, "index.html", ["favicon", "(Not Found)"]),
        );
      } finally {
        await site.close();
      }
    },
    "page, webpack build": async () => {
      const folder = await page("webpack", {
        "index.html": html(`<script defer src="dist/main.js"></script>`),
      });
      await tool(
        "webpack-cli",
        ["--mode", "production", "--entry", "./main.js", "--stats", "errors-warnings"],
        folder,
      );
      return open(folder, "index.html");
    },
    "page, esbuild bundle and the modules copied beside it": async () => {
      const folder = await page("esbuild");
      await bundle(folder);
      await cp(join(folder, DIST, "wasm/small.wasm"), join(folder, "out/wasm/small.wasm"));
      await cp(join(folder, DIST, "wasm/full.wasm"), join(folder, "out/wasm/full.wasm"));
      return open(join(folder, "out"), "js/index.html");
    },
    "page, esbuild bundle alone: decided by the edge": async () => {
      const folder = await page("esbuild-alone");
      await bundle(folder);
      return open(join(folder, "out"), "js/index.html", { tolerated: ["404", "small.wasm", "full.wasm"] });
    },
    "page, esbuild bundle, inline": async () => {
      const folder = await page("esbuild-inline", { "decide.js": prepared.consumer("decide-at-once.js") });
      await bundle(folder);
      return open(join(folder, "out"), "js/index.html");
    },
    "page, no bundler, relative path": async () => {
      return open(await page("plain", { "decide.js": relative("decide.js", "web") }), "index.html");
    },
    "page, no bundler, import map": async () => {
      const imports = { lotwise: `./${DIST}/entry/web.js` };
      const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
      return open(await page("import-map", { "index.html": html(map + MODULE) }), "index.html");
    },
    "page, no bundler, inline": async () => {
      return open(
        await page("plain-inline", { "decide.js": relative("decide-at-once.js", "inline") }),
        "index.html",
      );
    },
    "page, policy with wasm-unsafe-eval": async () => {
      const folder = await page("policy", { "decide.js": relative("decide.js", "web") });
      return open(folder, "index.html", { csp: WITH_WASM });
    },
    "page, inline, policy with wasm-unsafe-eval": async () => {
      const folder = await page("policy-inline", { "decide.js": relative("decide-at-once.js", "inline") });
      return open(folder, "index.html", { csp: WITH_WASM });
    },
    "page, policy without WebAssembly: decided by the edge": async () => {
      const folder = await page("policy-remote", { "decide.js": relative("decide.js", "web") });
      // The browser says so itself.
      return open(folder, "index.html", { csp: WITHOUT_WASM, tolerated: ["Content Security Policy"] });
    },
  };

  async function bundle(folder) {
    const options = [
      "--bundle",
      "--minify",
      "--format=esm",
      "--splitting",
      "--target=es2022",
      "--log-level=warning",
    ];
    await tool("esbuild", ["main.js", ...options, "--outdir=out/js"], folder);
    await writeFile(join(folder, "out/js/index.html"), html(MODULE));
  }

  async function visit(site, path, tolerated) {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const said = complaints(page);
      await page.goto(`${site.origin}/${path}`);
      await page
        .waitForFunction(() => window.answers, undefined, { timeout: 20_000 })
        .catch(() => {
          throw new Error(`the page did not start: ${said.join("; ")}`);
        });
      const found = await page.evaluate(() => window.answers);
      return { ...found, said: said.filter((it) => !tolerated.some((part) => it.includes(part))) };
    } finally {
      await browser.close();
    }
  }
}

/** Runs `serve.mjs` of a folder, whose first line is an address, for as long as `use` needs it. */
async function withServer(folder, use) {
  const child = spawn(process.execPath, ["serve.mjs"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const url = await new Promise((resolve, reject) => {
      child.stdout.once("data", (line) => resolve(String(line).trim()));
      child.once("exit", () => reject(new Error("the server ended")));
    });
    return await use(url);
  } finally {
    child.kill();
  }
}
