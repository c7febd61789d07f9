/**
 * @file Reads a Python literal, the way a .npy header is written; evaluates nothing. Knows no
 * NumPy.
 */

/** A Python tuple, kept apart from a list. */
export class Tuple {
  readonly items: readonly Literal[];
  constructor(items: readonly Literal[]) {
    this.items = items;
  }
}

/** Python's int is a bigint, float a number. */
export type Literal =
  | null
  | boolean
  | string
  | bigint
  | number
  | Tuple
  | Literal[]
  | Map<string, Literal>;

/** Thrown by `parseLiteral`: what is wrong, and where. */
export class LiteralError extends Error {}

interface Cursor {
  readonly text: string;
  pos: number;
}

const MAX_DEPTH = 64;
const WORDS: Readonly<Record<string, null | boolean>> = { None: null, True: true, False: false };
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * Parses `None`, booleans, numbers, strings, tuples, lists, and dictionaries with distinct strings
 * as keys. An `L` after an integer, as Python 2 wrote it, is allowed.
 *
 * @throws LiteralError for anything else, which includes every expression that would have to be
 * evaluated.
 */
export function parseLiteral(text: string): Literal {
  const cursor = { text, pos: 0 };
  const result = value(cursor, 0);
  if (peek(cursor) !== "") fail(cursor, "text after the end");
  return result;
}

function fail(c: Cursor, problem: string): never {
  const here = c.text.slice(c.pos, c.pos + 20).trimEnd();
  throw new LiteralError(`${problem} at character ${c.pos}${here && `: ${here}`}`);
}

/** The match of a sticky pattern at the cursor, which moves past it. */
function take(c: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = c.pos;
  const match = pattern.exec(c.text);
  if (match !== null) c.pos = pattern.lastIndex;
  return match;
}

/** Skips white space; the next character, or "" at the end. */
function peek(c: Cursor): string {
  take(c, /[ \t\r\n\f]*/y);
  return c.text.charAt(c.pos);
}

function value(c: Cursor, depth: number): Literal {
  const char = peek(c);
  if ("([{".includes(char) && char !== "" && depth === MAX_DEPTH) fail(c, "nested too deeply");
  if (char === "{") return dictionary(c, depth + 1);
  if (char === "[") return sequence(c, depth + 1, "]").items;
  if (char === "(") {
    const { items, comma } = sequence(c, depth + 1, ")");
    // Parentheses around one value without a comma only group.
    return items.length === 1 && !comma ? items[0]! : new Tuple(items);
  }
  if (/['"]/.test(char) || /[uU]['"]/.test(c.text.slice(c.pos, c.pos + 2))) return string(c);
  const word = take(c, /[A-Za-z_][A-Za-z0-9_]*/y);
  if (word !== null) {
    if (Object.hasOwn(WORDS, word[0])) return WORDS[word[0]]!;
    c.pos -= word[0].length;
    fail(c, "not a literal");
  }
  return number(c);
}

function number(c: Cursor): bigint | number {
  const float = take(c, /[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]+)?(?!\w)/y);
  if (float !== null) return Number(float[0]);
  const int = take(c, /([+-]?)(0|[1-9][0-9]*)L?(?!\w)/y);
  if (int === null) fail(c, "not a literal");
  return int[1] === "-" ? -BigInt(int[2]!) : BigInt(int[2]!);
}

function string(c: Cursor): string {
  const quote = take(c, /[uU]?(['"])/y)![1]!;
  let text = "";
  for (;;) {
    text += take(c, quote === "'" ? /[^'\\\n]*/y : /[^"\\\n]*/y)![0];
    if (c.text.charAt(c.pos) !== "\\") break;
    c.pos++;
    text += readEscape(c);
  }
  if (c.text.charAt(c.pos++) !== quote) fail(c, "unexpected end of a string");
  return text;
}

function readEscape(c: Cursor): string {
  const code = take(c, /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y);
  if (code === null) return ESCAPES[c.text.charAt(c.pos++)] ?? fail(c, "unknown escape");
  const point = Number.parseInt(code[0].slice(1), 16);
  return point > 0x10ffff ? fail(c, "unknown escape") : String.fromCodePoint(point);
}

function sequence(c: Cursor, depth: number, close: string): { items: Literal[]; comma: boolean } {
  const items: Literal[] = [];
  let comma = false;
  c.pos++;
  while (peek(c) !== close) {
    if (items.length > 0 && !comma) fail(c, `expected , or ${close}`);
    items.push(value(c, depth));
    comma = peek(c) === ",";
    if (comma) c.pos++;
  }
  c.pos++;
  return { items, comma };
}

function dictionary(c: Cursor, depth: number): Map<string, Literal> {
  const entries = new Map<string, Literal>();
  let comma = true;
  c.pos++;
  while (peek(c) !== "}") {
    if (!comma) fail(c, "expected , or }");
    const key = value(c, depth);
    if (typeof key !== "string") fail(c, "a key is not a string");
    if (entries.has(key)) fail(c, `duplicate key '${key}'`);
    if (peek(c) !== ":") fail(c, "expected :");
    c.pos++;
    entries.set(key, value(c, depth));
    comma = peek(c) === ",";
    if (comma) c.pos++;
  }
  c.pos++;
  return entries;
}
