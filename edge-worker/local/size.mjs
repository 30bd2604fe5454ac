// Prints what a WebAssembly module weighs: as it is, and as it travels.
//
//   node size.mjs FILE           a line for people
//   node size.mjs --json FILE    its parts too, in bytes

import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

// Numbers of sections, from the specification of WebAssembly.
const CODE = 10;
const DATA = 11;

const bytes = readFileSync(process.argv.at(-1));
const weigh = (data) => ({
  raw: data.length,
  gzip: gzipSync(data, { level: 9 }).length,
  brotli: brotliCompressSync(data).length,
});
const whole = weigh(bytes);

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ whole, code: weigh(section(CODE)), data: weigh(section(DATA)) }));
} else {
  const kilobytes = (length) => `${Math.ceil(length / 1000)} kB`;
  const { raw, gzip, brotli } = whole;
  console.log(`module ${kilobytes(raw)}, gzip ${kilobytes(gzip)}, brotli ${kilobytes(brotli)}`);
}

/** The contents of a section. */
function section(wanted) {
  // After eight bytes of magic and version, each section has its number, its length, and that much.
  let at = 8;
  while (at < bytes.length) {
    const number = bytes[at++];
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      more = bytes[at] >= 0x80;
      length |= (bytes[at++] & 0x7f) << shift;
    }
    if (number === wanted) return bytes.subarray(at, at + length);
    at += length;
  }
  return bytes.subarray(0, 0);
}
