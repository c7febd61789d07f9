/** @file Characters of Python's regular expressions: escapes, classes, and case. */
import { PatternError } from "./machine.js";
import type { Reader } from "./syntax.js";

/** The flags that hold in a part of a pattern. */
export interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

/** Some characters: a range of code points, or those that pass a test. */
export type Member = readonly [low: number, high: number] | ((char: string) => boolean);

const DIGIT = /^\p{Nd}$/u;
const WORD = /^[\p{L}\p{N}_]$/u;
/** Spaces of Python that are none of JavaScript, which counts U+FEFF. */
const MORE_SPACES = "\x1c\x1d\x1e\x1f\x85";
const isSpace = (c: string) => c !== "\ufeff" && (/^\s$/.test(c) || MORE_SPACES.includes(c));

/** Whether Python counts a character as part of a word. */
export const wordOf = (char: string): boolean => WORD.test(char);

const CLASSES: ReadonlyMap<string, (char: string) => boolean> = new Map([
  ["d", (c: string) => DIGIT.test(c)],
  ["D", (c: string) => !DIGIT.test(c)],
  ["w", wordOf],
  ["W", (c: string) => !wordOf(c)],
  ["s", isSpace],
  ["S", (c: string) => !isSpace(c)],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
]);

/** The one character. */
export function single(char: string): Member {
  const code = char.codePointAt(0) ?? 0;
  return [code, code];
}

/** The character in all its cases. */
function cases(char: string): readonly string[] {
  const upper = char.toUpperCase();
  const made = [char, char.toLowerCase(), upper, upper.toLowerCase()];
  return made.filter((c) => Array.from(c).length === 1);
}

const folded = (code: number) => cases(String.fromCodePoint(code)).at(-1);

/** Tests whether a character is one of the members, in any case with the flag i. */
export function oneOf(members: readonly Member[], { i }: Flags): (char: string) => boolean {
  const holds = (char: string): boolean => {
    const code = char.codePointAt(0) ?? 0;
    return members.some((member) => {
      if (typeof member === "function") return member(char);
      const same = i && member[0] === member[1] && folded(code) === folded(member[0]);
      return same || (code >= member[0] && code <= member[1]);
    });
  };
  return i ? (char) => cases(char).some(holds) : holds;
}

/** Reads what follows a backslash, and stands for a character or a class. */
export function classEscape(reader: Reader): Member {
  const letter = reader.next;
  const known = CLASSES.get(letter);
  const control = CONTROLS.get(letter);
  if (known !== undefined || control !== undefined) reader.at++;
  if (known !== undefined) return known;
  if (control !== undefined) return [control, control];
  const octal = reader.takesLike(/0[0-7]{0,2}|[1-3][0-7]{2}/y);
  if (octal !== null) return fromCode(Number.parseInt(octal[0], 8));
  const hex = reader.takesLike(/x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y);
  if (hex !== null) return fromCode(Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? "", 16));
  if (letter === "" || /^[a-zA-Z0-9]$/.test(letter)) {
    throw new PatternError(`its escape \\${letter} cannot be read`);
  }
  reader.at++;
  return single(letter);
}

function fromCode(code: number): Member {
  if (code <= 0x10ffff) return [code, code];
  throw new PatternError("it has an escape beyond Unicode");
}

/** Reads a class, from behind its bracket to its end. */
export function readClass(reader: Reader, flags: Flags): (char: string) => boolean {
  const not = reader.takes("^");
  const members: Member[] = [];
  while (members.length === 0 || reader.next !== "]") {
    const low = member(reader);
    const dash = reader.next === "-" && reader.chars[reader.at + 1] !== "]";
    if (!dash) {
      members.push(low);
      continue;
    }
    reader.at++;
    const high = member(reader);
    if (typeof low === "function" || typeof high === "function" || high[0] < low[0]) {
      throw new PatternError("one of its ranges of characters is wrong");
    }
    members.push([low[0], high[0]]);
  }
  reader.at++;
  const holds = oneOf(members, flags);
  return not ? (char) => !holds(char) : holds;
}

function member(reader: Reader): Member {
  if (reader.next === "") throw new PatternError("it lacks a ]");
  if (reader.takes("\\b")) return [8, 8];
  if (reader.takes("\\")) return classEscape(reader);
  const char = reader.next;
  reader.at++;
  return single(char);
}
