/**
 * @file A JSON parser as strict as Rust's serde_json: keeps integers exact, refuses duplicate keys
 * and lone surrogates.
 */
import { quote } from "./storage.js";

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

/** Thrown by `parseJson`: what is wrong, and at which character. */
export class JsonError extends Error {}

interface Cursor {
  readonly text: string;
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

/**
 * Parses JSON. The work is proportional to the characters read, and stops at the first mistake.
 *
 * @throws JsonError
 */
export function parseJson(text: string): Json {
  const cursor = { text, pos: 0 };
  const result = value(cursor, 0);
  if (peek(cursor) !== "") fail(cursor, "text after the end");
  return result;
}

function fail(c: Cursor, problem: string, at = c.pos): never {
  throw new JsonError(`${problem} at character ${at}`);
}

/** Skips white space; the next character, or "" at the end. */
function peek(c: Cursor): string {
  for (; ; c.pos++) {
    const char = c.text.charAt(c.pos);
    if (char !== " " && char !== "\n" && char !== "\r" && char !== "\t") return char;
  }
}

function expect(c: Cursor, char: string): void {
  const next = peek(c);
  if (next !== char) fail(c, next === "" ? "unexpected end" : `expected ${char}`);
  c.pos++;
}

function value(c: Cursor, depth: number): Json {
  const char = peek(c);
  if ((char === "{" || char === "[") && depth === MAX_DEPTH) fail(c, "nested too deeply");
  if (char === "{") return object(c, depth + 1);
  if (char === "[") return array(c, depth + 1);
  if (char === '"') return string(c);
  if (char === "t") return word(c, "true", true);
  if (char === "f") return word(c, "false", false);
  if (char === "n") return word(c, "null", null);
  return char === "" ? fail(c, "unexpected end") : number(c);
}

function word<T>(c: Cursor, text: string, meaning: T): T {
  if (!c.text.startsWith(text, c.pos)) fail(c, "expected a value");
  c.pos += text.length;
  return meaning;
}

function number(c: Cursor): number | bigint | OtherNumber {
  const start = c.pos;
  let code = c.text.charCodeAt(c.pos);
  while (code >= 0x30 && code <= 0x39) code = c.text.charCodeAt(++c.pos);
  const length = c.pos - start;
  const plain = length === 1 || (length > 1 && length < 16 && c.text[start] !== "0");
  // Nearly all numbers of a header are short integers.
  if (plain && !isNumberPart(code)) return Number(c.text.slice(start, c.pos));
  while (isNumberPart(c.text.charCodeAt(c.pos)) && c.pos - start <= MAX_DIGITS) c.pos++;
  if (c.pos - start > MAX_DIGITS) fail(c, `a number of more than ${MAX_DIGITS} digits`, start);
  return exactNumber(c, c.text.slice(start, c.pos), start);
}

function isNumberPart(code: number): boolean {
  const digit = code >= 0x30 && code <= 0x39;
  return digit || code === 0x2d || code === 0x2b || code === 0x2e || (code | 0x20) === 0x65;
}

function exactNumber(c: Cursor, text: string, start: number): number | bigint | OtherNumber {
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
    const code = c.text.charCodeAt(c.pos);
    if (Number.isNaN(code)) fail(c, "unexpected end of a string");
    if (code < 0x20) fail(c, "control character in a string");
    c.pos++;
    if (code !== QUOTE && code !== BACKSLASH) continue;
    text += c.text.slice(start, c.pos - 1);
    if (code === QUOTE) return text;
    text += readEscape(c);
    start = c.pos;
  }
}

/** What stands after a backslash. */
function readEscape(c: Cursor): string {
  const char = c.text.charAt(c.pos++);
  if (char !== "u") return ESCAPES[char] ?? fail(c, "invalid escape", c.pos - 2);
  const unit = hex4(c);
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
  if (unit > 0xdbff || !c.text.startsWith("\\u", c.pos)) fail(c, "lone surrogate");
  c.pos += 2;
  const low = hex4(c);
  if (low < 0xdc00 || low > 0xdfff) fail(c, "lone surrogate");
  return String.fromCharCode(unit, low);
}

function hex4(c: Cursor): number {
  const text = c.text.slice(c.pos, c.pos + 4);
  if (!/^[0-9a-fA-F]{4}$/.test(text)) fail(c, "invalid \\u escape");
  c.pos += 4;
  return Number.parseInt(text, 16);
}

function array(c: Cursor, depth: number): Json[] {
  const items: Json[] = [];
  expect(c, "[");
  if (peek(c) !== "]") {
    for (;;) {
      items.push(value(c, depth));
      if (peek(c) !== ",") break;
      c.pos++;
    }
  }
  expect(c, "]");
  return items;
}

function object(c: Cursor, depth: number): Map<string, Json> {
  const entries = new Map<string, Json>();
  expect(c, "{");
  if (peek(c) !== "}") {
    for (;;) {
      peek(c);
      const at = c.pos;
      const key = string(c);
      if (entries.has(key)) fail(c, `duplicate key ${quote(key)}`, at);
      expect(c, ":");
      entries.set(key, value(c, depth));
      if (peek(c) !== ",") break;
      c.pos++;
    }
  }
  expect(c, "}");
  return entries;
}
