// Prints what a file weighs: as it is, and as it travels.

import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const bytes = readFileSync(process.argv[2]);
const kilobytes = (data) => `${Math.ceil(data.length / 1000)} kB`;
const gzip = kilobytes(gzipSync(bytes, { level: 9 }));
console.log(`module ${kilobytes(bytes)}, gzip ${gzip}, brotli ${kilobytes(brotliCompressSync(bytes))}`);
