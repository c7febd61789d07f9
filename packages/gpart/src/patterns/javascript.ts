/**
 * @file Regular expressions of JavaScript as parts: the engine tests single characters, so that
 * classes and case are its own. Independent of adapters.
 */
import { type Part, PatternError } from "./machine.js";
import { all, either, lookOf, one, place, quantifier, Reader, wordEdge } from "./syntax.js";

const COUNTS = /\{(\d+)(?:(,)(\d*))?\}/y;
const LINE_ENDS = "\n\r\u2028\u2029";

/**
 * The parts of a RegExp.
 *
 * @throws PatternError for back references, which take time without bound.
 */
export function partsOf({ source, flags }: RegExp): Part {
  const reader = new Reader(/[uv]/.test(flags) ? Array.from(source) : source.split(""));
  return alternatives(reader, flags.replace(/[dgy]/g, ""));
}

function alternatives(reader: Reader, flags: string): Part {
  const ways: Part[] = [];
  do ways.push(sequence(reader, flags));
  while (reader.takes("|"));
  return either(ways);
}

function sequence(reader: Reader, flags: string): Part {
  const parts: Part[] = [];
  while (reader.next !== "" && reader.next !== "|" && reader.next !== ")") {
    const part = atom(reader, flags);
    const counts = quantifier(reader, COUNTS);
    if (counts === null) {
      parts.push(part);
      continue;
    }
    reader.takes("?");
    parts.push({ kind: "repeat", part, least: counts[0], most: counts[1] });
  }
  return all(parts);
}

function atom(reader: Reader, flags: string): Part {
  if (reader.takes("(")) return reader.inside(() => group(reader, flags));
  const lines = flags.includes("m");
  if (reader.takes("^")) {
    return place((text, at) => at === 0 || (lines && isLineEnd(text[at - 1])));
  }
  if (reader.takes("$")) {
    return place((text, at) => at === text.length || (lines && isLineEnd(text[at])));
  }
  if (reader.next === "[") return native(classOf(reader, flags), flags);
  if (reader.takes("\\b")) return wordEdge(native1("\\w", flags), true);
  if (reader.takes("\\B")) return wordEdge(native1("\\w", flags), false);
  if (reader.next === "\\") return native(escaped(reader, flags), flags);
  const char = reader.next;
  reader.at++;
  if (char === ".") return native(".", flags);
  if (/[{}\]/]/.test(char)) return one((c) => c === char);
  return native(char, flags);
}

const isLineEnd = (char: string | undefined) => char !== undefined && LINE_ENDS.includes(char);

function group(reader: Reader, flags: string): Part {
  const look = lookOf(reader);
  let inner = flags;
  if (look === null && !reader.takes("?:") && !reader.takesLike(/\?<[^>=!][^>]*>/y)) {
    const changed = reader.takesLike(/\?([ims]*)(?:-([ims]*))?:/y);
    if (changed !== null) {
      const [, on = "", off = ""] = changed;
      inner = [...new Set(flags + on)].filter((flag) => !off.includes(flag)).join("");
    } else if (reader.next === "?") throw new PatternError("one of its groups is of another kind");
  }
  const part = alternatives(reader, inner);
  if (!reader.takes(")")) throw new PatternError("it lacks a )");
  return look === null ? part : { kind: "look", part, ...look };
}

/** Reads a class; with the flag v classes may be nested. */
function classOf(reader: Reader, flags: string): string {
  const start = reader.at;
  let depth = 0;
  do {
    const char = reader.next;
    if (char === "") throw new PatternError("it lacks a ]");
    if (reader.sees("\\q")) throw new PatternError("it has a class of strings");
    reader.at += char === "\\" ? 2 : 1;
    if (char === "[" && (depth === 0 || flags.includes("v"))) depth++;
    else if (char === "]") depth--;
  } while (depth > 0);
  return reader.chars.slice(start, reader.at).join("");
}

/** Reads what stands for one character behind a backslash. */
function escaped(reader: Reader, flags: string): string {
  if (reader.takesLike(/\\(?:[1-9]|0\d|k)/y)) throw new PatternError("it has a back reference");
  if (reader.takesLike(/\\c(?![a-zA-Z])/y)) throw new PatternError("it has an escape without end");
  const unicode = /[uv]/.test(flags);
  const pair = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/y;
  const found =
    (unicode ? (reader.takesLike(pair) ?? reader.takesLike(/\\(?:[pP]|u)\{[^}]*\}/y)) : null) ??
    reader.takesLike(/\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[a-zA-Z]|[\s\S])/y);
  return found?.[0] ?? "\\\\";
}

/** One character that the engine's own pattern matches. */
function native(source: string, flags: string): Part {
  return one(native1(source, flags));
}

function native1(source: string, flags: string): (char: string) => boolean {
  const pattern = new RegExp(`^(?:${source})$`, flags.replace("m", ""));
  return (char) => pattern.test(char);
}
