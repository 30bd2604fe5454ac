// From a snapshot's document to a declaration file.

import { quoted, typeOf } from "./infer.js";
import type { Document, DocumentExperiment } from "./read.js";

/** The file. The same document gives the same bytes. */
export function generate({ environment, version, experiments }: Document, from: string): string {
  const sorted = [...experiments].sort((a, b) => (a.key < b.key ? -1 : 1));
  return [
    `// Written by lotwise codegen from version ${version} of environment ${quoted(environment)}. Do not edit.`,
    `// To write it again: npx lotwise codegen --snapshot ${inOneLine(from)}`,
    // Makes this file a module, which adds to the package's types instead of replacing them.
    `import "lotwise";`,
    ``,
    `declare module "lotwise" {`,
    `  interface Experiments {`,
    ...sorted.map(member),
    `  }`,
    `}`,
    ``,
  ].join("\n");
}

/** A comment ends with its line. */
function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, " ");
}

function member({ key, variants }: DocumentExperiment): string {
  const keys = [...new Set(variants.map((variant) => variant.key))].sort().map(quoted);
  // A variant without a payload gives the fallback, null where there is none.
  const payload = variants.length === 0 ? "null" : typeOf(variants.map((variant) => variant.payload));
  return `    ${quoted(key)}: { variant: ${keys.join(" | ") || "never"}; payload: ${payload} };`;
}
