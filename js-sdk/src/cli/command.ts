// `lotwise codegen`: arguments, files, exit codes.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { generate } from "./generate.js";
import { CodegenError, readDocument } from "./read.js";

export const codegenHelp = `Usage: lotwise codegen --snapshot <where> [--out lotwise.d.ts] [--check]

Writes TypeScript types of the experiments of an environment, so that keys are completed and payloads
have types. Commit the file; TypeScript finds it when it is among the files of your tsconfig.json.

  --snapshot <where>  the client document (https://edge.example.com/prod/client), its version.json,
                      or a file: version.json, or the JSON document itself
  --out <file>        what to write; default lotwise.d.ts
  --check             write nothing; fail if the file is not what would be written
  --help              this

Exit codes: 0 written, or up to date; 1 it could not be done, or with --check the file is stale;
2 wrong usage.
`;

/** Where the command writes to. */
export interface Terminal {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Runs the command. Returns its exit code. */
export async function codegen(args: readonly string[], { stdout, stderr }: Terminal): Promise<0 | 1 | 2> {
  let wanted: { snapshot?: string; out?: string; check?: boolean; help?: boolean };
  try {
    wanted = parseArgs({
      args: [...args],
      options: {
        snapshot: { type: "string" },
        out: { type: "string" },
        check: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (cause) {
    stderr.write(`lotwise codegen: ${messageOf(cause)}\n\n${codegenHelp}`);
    return 2;
  }
  if (wanted.help) {
    stdout.write(codegenHelp);
    return 0;
  }
  const { snapshot, out = "lotwise.d.ts", check = false } = wanted;
  if (!snapshot || !out) {
    stderr.write(`lotwise codegen: --snapshot is missing\n\n${codegenHelp}`);
    return 2;
  }
  try {
    const document = await readDocument(snapshot);
    const code = generate(document, snapshot);
    const names = `${document.experiments.length} experiments of ${document.environment}, version ${document.version}`;
    if (check) {
      const old = await readOld(out);
      if (old === undefined || meaningOf(old) !== meaningOf(code)) {
        const fault = old === undefined ? "does not exist" : "is stale";
        stderr.write(`lotwise codegen: ${out} ${fault}: run the same command without --check.\n`);
        return 1;
      }
      stdout.write(`${out} is up to date: ${names}\n`);
    } else {
      await mkdir(dirname(out), { recursive: true }).catch(() => {});
      await writeFile(out, code).catch((cause: unknown) => {
        throw new CodegenError(`cannot write ${out}: ${messageOf(cause)}`);
      });
      stdout.write(`${out}: ${names}\n`);
    }
    return 0;
  } catch (cause) {
    if (!(cause instanceof CodegenError)) throw cause;
    stderr.write(`lotwise codegen: ${cause.message}\n`);
    return 1;
  }
}

async function readOld(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

/** Without the header: a version that changed no type makes no file stale, nor does a checkout's line ends. */
function meaningOf(code: string): string {
  return code
    .replaceAll("\r\n", "\n")
    .split("\n")
    .filter((line) => !line.startsWith("//"))
    .join("\n");
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
