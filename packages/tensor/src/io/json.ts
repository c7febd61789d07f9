/** @file A JSON parser as strict as Rust's serde_json: reads bytes, keeps integers exact, refuses duplicate keys. */

/** A number that is no unsigned 64-bit integer; kept as text, since no header needs its value. */
export class OtherNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Integers from 0 to 2^53 − 1 are numbers, above that (below 2^64) bigints. */
export type Json =
  | null
  | boolean
  | string
  | number
  | bigint
  | OtherNumber
  | Json[]
  | Map<string, Json>;

/** Thrown by `parseJson`: what is wrong, and at which byte. */
export class JsonError extends Error {}

interface Cursor {
  readonly bytes: Uint8Array;
  pos: number;
}

/** Nesting that serde_json allows. */
const MAX_DEPTH = 127;
const MAX_DIGITS = 400;
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
const ESCAPES: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses UTF-8 JSON. The work is proportional to the bytes read, and stops at the first mistake.
 *
 * @throws JsonError
 */
export function parseJson(bytes: Uint8Array): Json {
  const cursor = { bytes, pos: 0 };
  const result = value(cursor, 0);
  if (peek(cursor) !== -1) fail(cursor, "text after the end");
  return result;
}

function fail(c: Cursor, problem: string, at = c.pos): never {
  throw new JsonError(`${problem} at byte ${at}`);
}

/** Skips white space; the next byte, or −1 at the end. */
function peek(c: Cursor): number {
  for (; c.pos < c.bytes.length; c.pos++) {
    const b = c.bytes[c.pos]!;
    if (b !== 0x20 && b !== 0x0a && b !== 0x0d && b !== 0x09) return b;
  }
  return -1;
}

function expect(c: Cursor, char: string): void {
  const b = peek(c);
  if (b !== char.charCodeAt(0)) fail(c, b === -1 ? "unexpected end" : `expected ${char}`);
  c.pos++;
}

function value(c: Cursor, depth: number): Json {
  const b = peek(c);
  if ((b === 0x7b || b === 0x5b) && depth === MAX_DEPTH) fail(c, "nested too deeply");
  if (b === 0x7b) return object(c, depth + 1);
  if (b === 0x5b) return array(c, depth + 1);
  if (b === QUOTE) return string(c);
  if (b === 0x74) return word(c, "true", true);
  if (b === 0x66) return word(c, "false", false);
  if (b === 0x6e) return word(c, "null", null);
  return b === -1 ? fail(c, "unexpected end") : number(c);
}

function word<T>(c: Cursor, text: string, meaning: T): T {
  for (let i = 0; i < text.length; i++) {
    if (c.bytes[c.pos + i] !== text.charCodeAt(i)) fail(c, "expected a value");
  }
  c.pos += text.length;
  return meaning;
}

function number(c: Cursor): number | bigint | OtherNumber {
  const start = c.pos;
  const isPart = (b: number) =>
    (b >= 0x30 && b <= 0x39) || b === 0x2d || b === 0x2b || b === 0x2e || (b | 0x20) === 0x65;
  while (c.pos < c.bytes.length && isPart(c.bytes[c.pos]!)) {
    if (c.pos++ - start > MAX_DIGITS) fail(c, `a number of more than ${MAX_DIGITS} digits`, start);
  }
  const text = String.fromCharCode(...c.bytes.subarray(start, c.pos));
  if (!NUMBER.test(text)) fail(c, "expected a value", start);
  if (!Number.isFinite(Number(text))) fail(c, "number out of range", start);
  if (!/^[0-9]+$/.test(text)) return new OtherNumber(text);
  if (Number.isSafeInteger(Number(text))) return Number(text);
  return BigInt(text) < 1n << 64n ? BigInt(text) : new OtherNumber(text);
}

function string(c: Cursor): string {
  expect(c, '"');
  let text = "";
  let start = c.pos;
  for (;;) {
    const b = c.bytes[c.pos];
    if (b === undefined) fail(c, "unexpected end of a string");
    if (b < 0x20) fail(c, "control character in a string");
    if (b !== QUOTE && b !== BACKSLASH) {
      c.pos++;
      continue;
    }
    if (c.pos > start) text += decode(c, start, c.pos);
    c.pos++;
    if (b === QUOTE) return text;
    text += readEscape(c);
    start = c.pos;
  }
}

function decode(c: Cursor, start: number, end: number): string {
  try {
    return utf8.decode(c.bytes.subarray(start, end));
  } catch {
    fail(c, "invalid UTF-8", start);
  }
}

/** What stands after a backslash. */
function readEscape(c: Cursor): string {
  const char = String.fromCharCode(c.bytes[c.pos++] ?? 0);
  if (char !== "u") return ESCAPES[char] ?? fail(c, "invalid escape", c.pos - 2);
  const unit = hex4(c);
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
  const paired = c.bytes[c.pos] === BACKSLASH && c.bytes[c.pos + 1] === 0x75;
  if (unit > 0xdbff || !paired) fail(c, "lone surrogate");
  c.pos += 2;
  const low = hex4(c);
  if (low < 0xdc00 || low > 0xdfff) fail(c, "lone surrogate");
  return String.fromCharCode(unit, low);
}

function hex4(c: Cursor): number {
  const text = String.fromCharCode(...c.bytes.subarray(c.pos, c.pos + 4));
  if (!/^[0-9a-fA-F]{4}$/.test(text)) fail(c, "invalid \\u escape");
  c.pos += 4;
  return Number.parseInt(text, 16);
}

function array(c: Cursor, depth: number): Json[] {
  const items: Json[] = [];
  expect(c, "[");
  if (peek(c) !== 0x5d) {
    for (;;) {
      items.push(value(c, depth));
      if (peek(c) !== 0x2c) break;
      c.pos++;
    }
  }
  expect(c, "]");
  return items;
}

function object(c: Cursor, depth: number): Map<string, Json> {
  const entries = new Map<string, Json>();
  expect(c, "{");
  if (peek(c) !== 0x7d) {
    for (;;) {
      peek(c);
      const at = c.pos;
      const key = string(c);
      if (entries.has(key)) fail(c, `duplicate key ${JSON.stringify(key)}`, at);
      expect(c, ":");
      entries.set(key, value(c, depth));
      if (peek(c) !== 0x2c) break;
      c.pos++;
    }
  }
  expect(c, "}");
  return entries;
}
