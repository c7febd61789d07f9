/**
 * @file Patterns from files: Python's are matched as `re.fullmatch` does or refused, JavaScript's as
 * the engine does, and none takes long.
 */
import { fc, test } from "@fast-check/vitest";
import { FormatError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  isReadable,
  matcherOf,
  pythonMatcher,
  regExpFromFile,
} from "../../src/patterns/fromFile.js";
import golden from "../golden/pythonPatterns.json" with { type: "json" };

/** What Python reads, and this library refuses. */
const REFUSED = [
  ..."(?a)\\w,(?x) a  b,a*+,a++b,a?+,(?>a+)b,(a)\\1,(?P<x>a)(?P=x),(a)?(?(1)b|c)".split(","),
  "\\N{DIGIT ZERO}",
];

describe("a pattern of Python", () => {
  it.each(golden.cases)("$pattern", ({ pattern, matches }) => {
    if (matches === null || REFUSED.includes(pattern)) {
      expect(() => pythonMatcher("target_modules", pattern)).toThrow(FormatError);
      return;
    }
    const passes = pythonMatcher("target_modules", pattern);
    const found = golden.names.flatMap((name, i) => (passes(name) ? [i] : []));
    expect(found).toEqual(matches);
  });
});

const names = [
  "query",
  "blocks.0.query",
  "a",
  "aab",
  "",
  "a\nb",
  "lm_head.weight",
  "Aé",
  "😀",
  "ſ-K",
];

/** Sources made of pieces of the syntax, many of them valid. */
const sources = fc
  .array(
    fc.constantFrom(
      ...[
        "a",
        "b",
        ".",
        "\\.",
        "query",
        "\\d",
        "\\w",
        "\\W",
        "\\s",
        "[a-c]",
        "[^a]",
        "[\\w.]",
        "^",
        "$",
      ],
      ...[
        "\\b",
        "\\B",
        "(a|b)",
        "(?:",
        "(",
        ")",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{1,}",
        "*?",
        "??",
        "(?=",
        "(?!",
      ],
      ...[
        "(?<=",
        "(?<!",
        "(?<n>",
        "é",
        "😀",
        "\\u0061",
        "\\x62",
        "\\n",
        "[^]",
        "[]",
        "{",
        "}",
        "]",
        "-",
        "k",
      ],
    ),
    { maxLength: 9 },
  )
  .map((parts) => parts.join(""));

describe("a pattern of JavaScript", () => {
  test.prop([sources, fc.constantFrom("", "i", "m", "s", "u", "iu", "g", "y", "im", "su")], {
    numRuns: 1000,
  })("matches what the engine matches", (source, flags) => {
    let native: RegExp;
    try {
      native = new RegExp(source, flags);
    } catch {
      expect(() => regExpFromFile("target_modules", source, flags)).toThrow(FormatError);
      return;
    }
    const passes = matcherOf(regExpFromFile("target_modules", source, flags));
    const theirs = matcherOf(native);
    expect(names.map(passes)).toEqual(names.map(theirs));
  });

  it.each(["(a)\\1", "(?<n>a)\\k<n>", "(", "[", "a{2,1}"])("%s is refused", (source) => {
    expect(() => regExpFromFile("target_modules", source, "")).toThrow("no regular expression");
  });

  it("is written to a file only if it can be read back", () => {
    expect([/a+$/i, /(^|[._])bias$/, /(a)\1/, /(?<x>a)\k<x>/].map(isReadable)).toEqual([
      ...[true, true],
      ...[false, false],
    ]);
  });
});

describe("patterns that take other engines long", () => {
  const long = `${"a_".repeat(60)}?`;
  it.each(["^([a-z_]+)+!$", "(a|a_|_)*!", "(.*)*!", "(.*.*.*.*.*.*)!", "(?:(?=(a_)+!)a_)*!"])(
    "%s",
    (source) => {
      const start = performance.now();
      expect(matcherOf(regExpFromFile("target_modules", source, ""))(long)).toBe(false);
      expect(pythonMatcher("target_modules", source)(long)).toBe(false);
      expect(performance.now() - start).toBeLessThan(20_000);
    },
  );

  it.each<[string, string]>([
    ["too large", "(a{500}){500}"],
    ["too large", "((a{0,300}){0,300}){0,300}"],
    ["nested too deeply", `${"(".repeat(9999)}a${")".repeat(9999)}`],
    ["repeats too often", `a{${"9".repeat(300)}}`],
  ])("%s", (why, source) => {
    expect(() => pythonMatcher("target_modules", source)).toThrow(why);
  });

  it("with too many steps are refused while they match", () => {
    const passes = pythonMatcher("target_modules", "((a?){400}(b?){400}){10}!");
    expect(() => {
      for (let i = 0; i < 1e4; i++) passes("ab".repeat(200));
    }).toThrow("too many steps");
  });
});
