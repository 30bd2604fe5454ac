#!/usr/bin/env node
// The command line: `npx lotwise codegen`.

import { codegen, codegenHelp } from "./command.js";

const help = `Usage: lotwise <command>

Commands:
  codegen   write TypeScript types of an environment's experiments

lotwise <command> --help tells more.
`;

const [command, ...rest] = process.argv.slice(2);
if (command === "codegen") {
  process.exitCode = await codegen(rest, process);
} else if (command === "--help" || command === "-h" || command === "help") {
  process.stdout.write(rest[0] === "codegen" ? codegenHelp : help);
} else {
  const what =
    command === undefined ? "a command is missing" : `there is no command ${JSON.stringify(command)}`;
  process.stderr.write(`lotwise: ${what}\n\n${help}`);
  process.exitCode = 2;
}
