/** @file What the parsers of both syntaxes share: reading a pattern, places, parts of parts. */
import { type Part, PatternError, type Place } from "./machine.js";

/** The most characters that one escape, count or name of a group has. */
const LONGEST = 200;
/** The deepest nesting of groups. */
const DEEPEST = 200;

/** A pattern that is read, one character at a time. */
export class Reader {
  readonly chars: readonly string[];
  at = 0;
  depth = 0;

  constructor(chars: readonly string[]) {
    this.chars = chars;
  }

  /** The next character, "" at the end. */
  get next(): string {
    return this.chars[this.at] ?? "";
  }

  /** Whether the text comes next. */
  sees(text: string): boolean {
    return this.chars.slice(this.at, this.at + text.length).join("") === text;
  }

  /** Reads the text if it comes next. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Reads what fits a RegExp, with the flag y, from here on; null when nothing does. */
  takesLike(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = 0;
    const found = pattern.exec(this.chars.slice(this.at, this.at + LONGEST).join(""));
    if (found === null) return null;
    let left = found[0].length;
    while (left > 0) left -= (this.chars[this.at++] as string).length;
    return found;
  }

  /** Reads up to and including a character, and returns what is before it. */
  upTo(end: string): string {
    const start = this.at;
    while (this.next !== "" && this.next !== end) this.at++;
    const text = this.chars.slice(start, this.at).join("");
    if (!this.takes(end)) throw new PatternError(`it lacks a ${end}`);
    return text;
  }

  /** Reads a group. @throws PatternError for one that is nested too deeply. */
  inside<T>(read: () => T): T {
    if (++this.depth > DEEPEST) throw new PatternError("its groups are nested too deeply");
    const part = read();
    this.depth--;
    return part;
  }
}

export const all = (parts: readonly Part[]): Part =>
  parts.length === 1 ? (parts[0] as Part) : { kind: "all", parts };

export const either = (parts: readonly Part[]): Part =>
  parts.length === 1 ? (parts[0] as Part) : { kind: "either", parts };

export const one = (test: (char: string) => boolean): Part => ({ kind: "one", test });

export const place = (test: Place): Part => ({ kind: "place", test });

/** Reads the start of a group that looks ahead or behind; null for another group. */
export function lookOf(reader: Reader): { readonly behind: boolean; readonly not: boolean } | null {
  for (const [start, behind, not] of [
    ["?=", false, false],
    ["?!", false, true],
    ["?<=", true, false],
    ["?<!", true, true],
  ] as const) {
    if (reader.takes(start)) return { behind, not };
  }
  return null;
}

/** A place with a word on one side only, or one where that is not so. */
export function wordEdge(isWord: (char: string) => boolean, edge: boolean): Part {
  return place((text, at) => {
    const [before, after] = [text[at - 1], text[at]].map((c) => c !== undefined && isWord(c));
    return (before !== after) === edge;
  });
}

/** The counts of a quantifier; null where none comes next. */
export function quantifier(reader: Reader, counts: RegExp): readonly [number, number] | null {
  if (reader.takes("*")) return [0, Number.POSITIVE_INFINITY];
  if (reader.takes("+")) return [1, Number.POSITIVE_INFINITY];
  if (reader.takes("?")) return [0, 1];
  if (reader.next !== "{") return null;
  const found = reader.takesLike(counts);
  if (found === null) {
    if (reader.takesLike(/\{\d{99}/y) !== null) throw new PatternError("it repeats too often");
    return null;
  }
  const [, least = "", comma, most = ""] = found;
  const low = least === "" ? 0 : Number(least);
  if (comma === undefined) return [low, low];
  return [low, most === "" ? Number.POSITIVE_INFINITY : Number(most)];
}
