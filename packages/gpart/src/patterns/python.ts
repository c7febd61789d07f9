/**
 * @file Regular expressions of Python's `re` as parts: what Python reads, with its meaning, or an
 * error. Independent of adapters.
 */
import { type Part, PatternError } from "./machine.js";
import { classEscape, type Flags, oneOf, readClass, single, wordOf } from "./pythonClass.js";
import { all, either, lookOf, one, place, quantifier, Reader, wordEdge } from "./syntax.js";

const COUNTS = /\{(?!\})(\d*)(?:(,)(\d*))?\}/y;

/**
 * The parts of a pattern of Python 3.
 *
 * @throws PatternError for what Python refuses, and for back references, conditions, atomic groups,
 * possessive repetitions, and the flags a, L and x.
 */
export function partsOf(source: string): Part {
  const reader = new Reader(Array.from(source));
  const part = alternatives(reader, globalFlags(reader));
  if (reader.next !== "") throw new PatternError("it has a ) too many");
  return part;
}

/** `(?i)` and the like, which Python takes at the very start only. */
function globalFlags(reader: Reader): Flags {
  let flags: Flags = { i: false, m: false, s: false };
  for (;;) {
    const found = reader.takesLike(/\(\?([a-zA-Z]+)\)/y);
    if (found === null) return flags;
    flags = changed(flags, found[1] ?? "", true);
  }
}

function changed(flags: Flags, letters: string, on: boolean): Flags {
  const made = { ...flags };
  for (const letter of letters) {
    if (letter === "i" || letter === "m" || letter === "s") made[letter] = on;
    else if (letter !== "u" || !on) throw new PatternError(`its flag ${letter} cannot be read`);
  }
  return made;
}

function alternatives(reader: Reader, flags: Flags): Part {
  const ways: Part[] = [];
  do ways.push(sequence(reader, flags));
  while (reader.takes("|"));
  return either(ways);
}

function sequence(reader: Reader, flags: Flags): Part {
  const parts: Part[] = [];
  skipComments(reader);
  while (reader.next !== "" && reader.next !== "|" && reader.next !== ")") {
    const grouped = reader.next === "(";
    parts.push(repeated(reader, atom(reader, flags), grouped));
    skipComments(reader);
  }
  return all(parts);
}

function skipComments(reader: Reader): void {
  while (reader.takes("(?#")) reader.upTo(")");
}

function repeated(reader: Reader, part: Part, grouped: boolean): Part {
  skipComments(reader);
  const counts = quantifier(reader, COUNTS);
  if (counts === null) return part;
  const [least, most] = counts;
  if (most < least) throw new PatternError("a repetition ends below its start");
  if (part.kind === "place" && !grouped)
    throw new PatternError("it repeats a place: nothing to repeat");
  if (reader.next === "+") throw new PatternError("its possessive repetitions cannot be read");
  reader.takes("?");
  if (quantifier(reader, COUNTS) !== null) throw new PatternError("it repeats a repetition");
  return { kind: "repeat", part, least, most };
}

function atom(reader: Reader, flags: Flags): Part {
  if (reader.takes("(")) return reader.inside(() => group(reader, flags));
  if (reader.takes("[")) return one(readClass(reader, flags));
  if (reader.takes("\\")) return escaped(reader, flags);
  if (quantifier(reader, COUNTS) !== null) throw new PatternError("nothing to repeat");
  const char = reader.next;
  reader.at++;
  if (char === ".") return one(flags.s ? () => true : (c) => c !== "\n");
  if (char === "^") {
    return place((text, at) => at === 0 || (flags.m && text[at - 1] === "\n"));
  }
  if (char === "$") {
    return place((text, at) => {
      const last = at === text.length - 1 && text[at] === "\n";
      return at === text.length || last || (flags.m && text[at] === "\n");
    });
  }
  return one(oneOf([single(char)], flags));
}

function group(reader: Reader, flags: Flags): Part {
  const look = lookOf(reader);
  let inner = flags;
  if (look === null && reader.next === "?") inner = groupFlags(reader, flags);
  const part = alternatives(reader, inner);
  if (!reader.takes(")")) throw new PatternError("it lacks a )");
  if (look === null) return part;
  const [least, most] = widths(part);
  if (look.behind && least !== most) throw new PatternError("it looks behind by varying lengths");
  return { kind: "look", part, ...look };
}

function groupFlags(reader: Reader, flags: Flags): Flags {
  if (reader.takes("?:")) return flags;
  if (reader.takesLike(/\?P<[\p{L}_][\p{L}\p{N}_]*>/uy)) return flags;
  const found = reader.takesLike(/\?([a-zA-Z]*)(?:-([a-zA-Z]+))?:/y);
  if (found !== null) {
    const [, on = "", off = ""] = found;
    return changed(changed(flags, on, true), off, false);
  }
  if (reader.sees("?P=") || reader.sees("?(")) throw new PatternError("it has a back reference");
  if (reader.sees("?>")) throw new PatternError("its atomic groups cannot be read");
  const start = reader.chars.slice(reader.at, reader.at + 3).join("");
  throw new PatternError(`Python has no group (${start}…, or not in this place`);
}

function escaped(reader: Reader, flags: Flags): Part {
  if (reader.takes("A")) return place((_, at) => at === 0);
  if (reader.takes("Z")) return place((text, at) => at === text.length);
  if (reader.takes("b")) return wordEdge(wordOf, true);
  if (reader.takes("B")) return wordEdge(wordOf, false);
  if (/[1-9]/.test(reader.next) && !reader.takesLike(/(?=[1-3][0-7][0-7])/y)) {
    throw new PatternError("it has a back reference");
  }
  return one(oneOf([classEscape(reader)], flags));
}

/** The shortest and the longest text that a part matches. */
function widths(part: Part): readonly [number, number] {
  switch (part.kind) {
    case "one":
      return [1, 1];
    case "all": {
      const each = part.parts.map(widths);
      return [each.reduce((n, [a]) => n + a, 0), each.reduce((n, [, b]) => n + b, 0)];
    }
    case "either": {
      const each = part.parts.map(widths);
      return [Math.min(...each.map(([a]) => a)), Math.max(...each.map(([, b]) => b))];
    }
    case "repeat": {
      const [a, b] = widths(part.part);
      return [a * part.least, b === 0 ? 0 : b * part.most];
    }
    default:
      return [0, 0];
  }
}
