/** @file The strict JSON parser: what it reads, exactly, and the place of each mistake. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type Json, JsonError, OtherNumber, parseJson } from "../../src/io/json.js";

/** The message of a refusal, or what was read instead. */
function mistake(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    expect(error).toBeInstanceOf(JsonError);
    return (error as JsonError).message;
  }
}

/** As JSON.parse gives it. */
function plain(item: Json): unknown {
  if (item instanceof Map) return Object.fromEntries([...item].map(([k, v]) => [k, plain(v)]));
  if (Array.isArray(item)) return item.map(plain);
  if (item instanceof OtherNumber) return Number(item.text);
  return typeof item === "bigint" ? Number(item) : item;
}

describe("numbers", () => {
  test.each<[string, Json]>([
    ["0", 0],
    ["7", 7],
    ["10", 10],
    ["1234567890", 1234567890],
    ["999999999999999", 999999999999999],
    ["1000000000000000", 1e15],
    ["9007199254740991", 2 ** 53 - 1],
    ["9007199254740992", 2n ** 53n],
    ["9007199254740993", 2n ** 53n + 1n],
    ["18446744073709551615", 2n ** 64n - 1n],
  ])("%s is an unsigned integer", (text, expected) => {
    expect(parseJson(text)).toBe(expected);
  });

  test.each([
    "-0",
    "-1",
    "0.5",
    "1.25",
    "1e5",
    "1E5",
    "12e+3",
    "1e-3",
    "-9.75e10",
    "18446744073709551616",
    "123456789012345678901234567890",
    `0.${"1".repeat(398)}`,
  ])("%s is another number, kept as text", (text) => {
    const read = parseJson(` ${text} `);
    expect(read).toBeInstanceOf(OtherNumber);
    expect((read as OtherNumber).text).toBe(text);
  });

  test.each([
    ["01", "expected a value at character 0"],
    ["00", "expected a value at character 0"],
    ["-", "expected a value at character 0"],
    ["-01", "expected a value at character 0"],
    ["+1", "expected a value at character 0"],
    ["1.", "expected a value at character 0"],
    [".5", "expected a value at character 0"],
    ["1e", "expected a value at character 0"],
    ["1e+", "expected a value at character 0"],
    ["1-1", "expected a value at character 0"],
    ["1+1", "expected a value at character 0"],
    ["12.3.4", "expected a value at character 0"],
    [" 1.5-", "expected a value at character 1"],
    ["[0,1e999]", "number out of range at character 3"],
    ["-1e999", "number out of range at character 0"],
    [`[${"1".repeat(401)}]`, "a number of more than 400 digits at character 1"],
    [`[${"1".repeat(400)}]`, "number out of range at character 1"],
    ["0x8", "text after the end at character 1"],
    ["1 2", "text after the end at character 2"],
  ])("%s is refused", (text, message) => {
    expect(mistake(text)).toBe(message);
  });
});

describe("words and structure", () => {
  test("words", () => {
    expect(parseJson("[true, false, null]")).toEqual([true, false, null]);
  });

  test("white space is a space, a tab, or the end of a line", () => {
    expect(parseJson(" \n\r\t[ \n1\r,\t2 ] \n")).toEqual([1, 2]);
    for (const other of ["\f", "\v", "\u00a0", "\ufeff", "\u2028"]) {
      expect(mistake(`${other}1`)).toBe("expected a value at character 0");
    }
  });

  test("objects are maps in order, lists lists", () => {
    expect(parseJson('{"b":[],"a":{"c":[[1],{}]},"":"x"}')).toEqual(
      new Map<string, Json>([
        ["b", []],
        ["a", new Map([["c", [[1], new Map()]]])],
        ["", "x"],
      ]),
    );
  });

  test.each([
    ["", "unexpected end at character 0"],
    ["  ", "unexpected end at character 2"],
    ["[", "unexpected end at character 1"],
    ["[1", "unexpected end at character 2"],
    ["[1,", "unexpected end at character 3"],
    ["[1 2]", "expected ] at character 3"],
    ["[1,]", "expected a value at character 3"],
    ["[1}", "expected ] at character 2"],
    ["]", "expected a value at character 0"],
    ['{"a" 1}', "expected : at character 5"],
    ['{"a":1 "b":2}', "expected } at character 7"],
    ['{"a":1,}', 'expected " at character 7'],
    ["{a:1}", 'expected " at character 1'],
    ["{1:1}", 'expected " at character 1'],
    ['{"a"', "unexpected end at character 4"],
    ['{"a":', "unexpected end at character 5"],
    ['{"a":1', "unexpected end at character 6"],
    ['{"a":1, "a":2}', 'duplicate key "a" at character 8'],
    ["tru", "expected a value at character 0"],
    ["[fals]", "expected a value at character 1"],
    ["nul", "expected a value at character 0"],
    ["True", "expected a value at character 0"],
    ["truefalse", "text after the end at character 4"],
  ])("%s is refused", (text, message) => {
    expect(mistake(text)).toBe(message);
  });

  test("127 levels and no more", () => {
    const nested = (n: number) => "[".repeat(n) + "]".repeat(n);
    const objects = (n: number) => `${'{"a":'.repeat(n)}1${"}".repeat(n)}`;
    expect(mistake(nested(127))).toHaveLength(1);
    expect(mistake(objects(127))).toBeInstanceOf(Map);
    expect(mistake(nested(128))).toBe("nested too deeply at character 127");
    expect(mistake(objects(128))).toBe("nested too deeply at character 635");
    expect(mistake(`${"[".repeat(127)}1${"]".repeat(127)}`)).toHaveLength(1);
    // Siblings are not levels.
    expect(mistake(`[${"[],".repeat(200)}0]`)).toHaveLength(201);
  });
});

describe("strings", () => {
  test.each([
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
    ['"a\\u0041b\\u00e9\\u20AC"', "aAbé€"],
    ['"\\ud7ff\\ue000\\uffff"', "\ud7ff\ue000\uffff"],
    ['"\\ud800\\udc00\\udbff\\udfff"', "\u{10000}\u{10ffff}"],
    ['"\\ud83d\\ude00"', "\u{1f600}"],
    ['"é€\u{1f600}\u007f"', "é€\u{1f600}\u007f"],
    ['"\u0020!"', " !"],
  ])("%s", (text, expected) => {
    expect(parseJson(text)).toBe(expected);
  });

  test.each([
    ['"a', "unexpected end of a string at character 2"],
    ['"a\\', "invalid escape at character 2"],
    ['"a\u001f"', "control character in a string at character 2"],
    ['"a\n"', "control character in a string at character 2"],
    ['"ab\\q"', "invalid escape at character 3"],
    ['"\\x41"', "invalid escape at character 1"],
    ['"\\U0041"', "invalid escape at character 1"],
    ['"\\u12"', "invalid \\u escape at character 3"],
    ['"\\u123g"', "invalid \\u escape at character 3"],
    ['"\\ug123"', "invalid \\u escape at character 3"],
    ['"\\u+123"', "invalid \\u escape at character 3"],
    ['"\\ud800"', "lone surrogate at character 7"],
    ['"\\ud800xxdc00"', "lone surrogate at character 7"],
    ['"\\udbff\\n"', "lone surrogate at character 7"],
    ['"\\udc00\\udc00"', "lone surrogate at character 7"],
    ['"\\udfff\\udfff"', "lone surrogate at character 7"],
    ['"\\ud800\\udbff"', "lone surrogate at character 13"],
    ['"\\ud800\\ue000"', "lone surrogate at character 13"],
    ['"\\ud800\\u00zz"', "invalid \\u escape at character 9"],
  ])("%s is refused", (text, message) => {
    expect(mistake(text)).toBe(message);
  });
});

test.prop([fc.jsonValue()])("reads what JSON.stringify writes", (value) => {
  const text = JSON.stringify(value);
  expect(plain(parseJson(text))).toEqual(JSON.parse(text));
});
