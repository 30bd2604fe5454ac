/** Subjects in the encoding of the core's `SubjectState`: words of 32 bits, little-endian, and strings. */

import type { Context, Sticky } from "../types.js";

/** The core takes no deeper values. */
const MAX_DEPTH = 64;

/**
 * Encodes what `JSON.stringify` would make of the context, so that a page and the edge see the same user.
 * Throws an `Error` that says what is wrong.
 */
export function encodeSubject(userKey: string, context: Context, sticky: Sticky): Uint8Array {
  let bytes = new Uint8Array(256);
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count <= bytes.length) return;
    const larger = new Uint8Array((length + count) * 2);
    larger.set(bytes);
    bytes = larger;
  };
  const word = (value: number): void => {
    reserve(4);
    new DataView(bytes.buffer).setUint32(length, value, true);
    length += 4;
  };
  const string = (text: string): void => {
    if (/\p{Surrogate}/u.test(text)) throw Error("a string with half of a surrogate pair");
    reserve(4 + text.length * 3);
    const { written } = encoder.encodeInto(text, bytes.subarray(length + 4));
    word(written);
    length += written;
  };
  const value = (it: unknown, depth: number): void => {
    if (it === null) word(0);
    else if (typeof it === "boolean") word(it ? 2 : 1);
    else if (typeof it === "string") {
      word(4);
      string(it);
    } else if (typeof it === "number") {
      word(3);
      reserve(8);
      new DataView(bytes.buffer).setFloat64(length, it, true);
      length += 8;
    } else {
      if (depth > MAX_DEPTH) throw Error(`the context is nested deeper than ${MAX_DEPTH} levels`);
      if (Array.isArray(it)) {
        word(5);
        word(it.length);
        for (const item of it) value(item, depth + 1);
      } else {
        word(6);
        const members = sorted(it as Record<string, unknown>);
        word(members.length);
        for (const [name, member] of members) {
          string(name);
          value(member, depth + 1);
        }
      }
    }
  };

  string(userKey);
  if (!length || length === 4 || length > 516) throw Error("the user key must be 1 to 512 bytes of UTF-8");
  const json: unknown = JSON.parse(JSON.stringify(context));
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw Error("the context is no object");
  value(json, 1);
  const entries = sorted(sticky);
  word(entries.length);
  for (const entry of entries) entry.forEach(string);
  return bytes.subarray(0, length);
}

/** UTF-8. */
export const encoder = new TextEncoder();

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
