/** Subjects in the encoding of the core's `SubjectState`: words of 32 bits, little-endian, and strings. */

import type { Context, Json, Sticky } from "../types.js";

/** The core takes no deeper values. */
const MAX_DEPTH = 64;

/** UTF-8. */
export const encoder = new TextEncoder();

// One for all users: making them takes longer than filling them.
let bytes = new Uint8Array(4096);
let view = new DataView(bytes.buffer);
let length = 0;

/** Encodes a user whose context is JSON. Good until the next call. Throws an `Error` that says what is wrong. */
export function encodeSubject(userKey: string, context: Context, sticky: Sticky): Uint8Array {
  length = 0;
  string(userKey);
  if (length < 5 || length > 516) throw Error("the user key must be 1 to 512 bytes of UTF-8");
  object(context as Record<string, Json>, 1);
  const entries = sorted(sticky);
  word(entries.length);
  for (const entry of entries) entry.forEach(string);
  return bytes.subarray(0, length);
}

function reserve(count: number): void {
  if (length + count <= bytes.length) return;
  const larger = new Uint8Array((length + count) * 2);
  larger.set(bytes);
  bytes = larger;
  view = new DataView(bytes.buffer);
}

function word(value: number): void {
  reserve(4);
  view.setUint32(length, value, true);
  length += 4;
}

function string(text: string): void {
  reserve(4 + text.length * 3);
  const start = length + 4;
  let at = 0;
  // Most are short, and the encoder's call takes longer than they do.
  for (let code; at < text.length && (code = text.charCodeAt(at)) < 128; at++) bytes[start + at] = code;
  if (at < text.length) {
    if (/\p{Surrogate}/u.test(text)) throw Error("a string with half of a surrogate pair");
    at = encoder.encodeInto(text, bytes.subarray(start)).written;
  }
  view.setUint32(length, at, true);
  length = start + at;
}

function value(it: Json, depth: number): void {
  if (it === null) word(0);
  else if (typeof it === "boolean") word(it ? 2 : 1);
  else if (typeof it === "string") {
    word(4);
    string(it);
  } else if (typeof it === "number") {
    word(3);
    reserve(8);
    view.setFloat64(length, it, true);
    length += 8;
  } else if (Array.isArray(it)) {
    open(5, it.length, depth);
    for (const item of it) value(item, depth + 1);
  } else object(it as Record<string, Json>, depth);
}

function object(it: Record<string, Json>, depth: number): void {
  const members = sorted(it);
  open(6, members.length, depth);
  for (const [name, member] of members) {
    string(name);
    value(member, depth + 1);
  }
}

function open(kind: number, items: number, depth: number): void {
  if (depth > MAX_DEPTH) throw Error(`the context is nested deeper than ${MAX_DEPTH} levels`);
  word(kind);
  word(items);
}

function sorted<T>(object: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(object).sort(([a], [b]) => inOrder(a, b));
}

/** Bytewise in UTF-8, which is by code point. */
function inOrder(a: string, b: string): number {
  for (let at = 0; ; at++) {
    const x = a.codePointAt(at) ?? -1;
    const y = b.codePointAt(at) ?? -1;
    if (x !== y || x < 0) return x - y;
  }
}
