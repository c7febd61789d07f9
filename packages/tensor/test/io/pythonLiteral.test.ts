/** @file Python literals: the values that Python's own ast.literal_eval gives, and the place of each mistake. */
import { describe, expect, test } from "vitest";
import { type Literal, LiteralError, parseLiteral, Tuple } from "../../src/io/pythonLiteral.js";

/** The message of a refusal, or what was read instead. */
function mistake(text: string): unknown {
  try {
    return parseLiteral(text);
  } catch (error) {
    expect(error).toBeInstanceOf(LiteralError);
    return (error as LiteralError).message;
  }
}

const tuple = (...items: Literal[]) => new Tuple(items);

describe("values", () => {
  test.each<[string, Literal]>([
    ["None", null],
    ["True", true],
    ["False", false],
    ["0", 0n],
    ["7", 7n],
    ["-12", -12n],
    ["+3", 3n],
    ["123456789012345678901234567890", 123456789012345678901234567890n],
    ["10L", 10n],
    ["0L", 0n],
    ["1.5", 1.5],
    ["1.", 1],
    [".5", 0.5],
    ["-.25", -0.25],
    ["12.75", 12.75],
    ["1e3", 1000],
    ["1E+3", 1000],
    ["-1.5e-3", -0.0015],
    ["2.e2", 200],
    [".5e1", 5],
    ["12e10", 12e10],
    ["00.5", 0.5],
    ["'a'", "a"],
    ['"a"', "a"],
    ["''", ""],
    ["'\"'", '"'],
    ['"\'"', "'"],
    ["u'a'", "a"],
    ['U"b"', "b"],
    ["'é€'", "é€"],
    ["'\\\\\\'\\\"\\n\\r\\t'", "\\'\"\n\r\t"],
    ["'a\\x41\\u00e9\\U0001f600b'", "aAé\u{1f600}b"],
    ["'\\U0010ffff'", "\u{10ffff}"],
    ["()", tuple()],
    ["(1,)", tuple(1n)],
    ["(1, 2)", tuple(1n, 2n)],
    ["(1, 2,)", tuple(1n, 2n)],
    ["(1)", 1n],
    ["((1,),)", tuple(tuple(1n))],
    ["((1))", 1n],
    ["[]", []],
    ["[1]", [1n]],
    ["[1, 'a',]", [1n, "a"]],
    ["[[], ()]", [[], tuple()]],
    ["{}", new Map()],
    [
      "{'b': 1, \"a\": (2, None,), }",
      new Map<string, Literal>([
        ["b", 1n],
        ["a", tuple(2n, null)],
      ]),
    ],
    [" \t\r\n\f[ \n1\f,\t2\r] \n", [1n, 2n]],
    ["{ 'a' : 1 }", new Map([["a", 1n]])],
  ])("%j", (text, expected) => {
    const read = parseLiteral(text);
    expect(read).toEqual(expected);
    expect(read instanceof Tuple).toBe(expected instanceof Tuple);
  });
});

describe("refusals", () => {
  test.each([
    ["", "not a literal at character 0"],
    ["  ", "not a literal at character 2"],
    ["abc", "not a literal at character 0: abc"],
    ["none", "not a literal at character 0: none"],
    ["toString", "not a literal at character 0: toString"],
    ["True1", "not a literal at character 0: True1"],
    ["[_x9]", "not a literal at character 1: _x9]"],
    ["01", "not a literal at character 0: 01"],
    ["1_0", "not a literal at character 0: 1_0"],
    ["1x", "not a literal at character 0: 1x"],
    ["0x1F", "not a literal at character 0: 0x1F"],
    ["1.5x", "text after the end at character 1: .5x"],
    ["1LL", "not a literal at character 0: 1LL"],
    ["--1", "not a literal at character 0: --1"],
    [".", "not a literal at character 0: ."],
    ["b'a'", "not a literal at character 0: b'a'"],
    ["[,]", "not a literal at character 1: ,]"],
    ["(1,,)", "not a literal at character 3: ,)"],
    ["(1 2)", "expected , or ) at character 3: 2)"],
    ["[1 2]", "expected , or ] at character 3: 2]"],
    ["[1)", "expected , or ] at character 2: )"],
    ["[1", "expected , or ] at character 2"],
    ["[1,", "not a literal at character 3"],
    ["{'a': 1 'b': 2}", "expected , or } at character 8: 'b': 2}"],
    ["{1: 2}", "a key is not a string at character 2: : 2}"],
    ["{'a': 1, 'a': 2}", "duplicate key 'a' at character 12: : 2}"],
    ["{'a' 1}", "expected : at character 5: 1}"],
    ["{'a'}", "expected : at character 4: }"],
    ["{,}", "not a literal at character 1: ,}"],
    ["{'a': 1", "expected , or } at character 7"],
    ["1 2", "text after the end at character 2: 2"],
    ["'a' 'b'", "text after the end at character 4: 'b'"],
    ["2*1", "text after the end at character 1: *1"],
    ["'a' + open('/etc/passwd')   ", "text after the end at character 4: + open('/etc/passwd'"],
  ])("%j", (text, message) => {
    expect(mistake(text)).toBe(message);
  });

  test.each([
    ["'a", "unexpected end of a string"],
    ["'a\"", "unexpected end of a string"],
    ["\"a'", "unexpected end of a string"],
    ["'a\nb'", "unexpected end of a string"],
    ['"a\nb"', "unexpected end of a string"],
    ["'a\\", "unknown escape"],
    ["'\\q'", "unknown escape"],
    ["'\\x4'", "unknown escape"],
    ["'\\xg1'", "unknown escape"],
    ["'\\u00e'", "unknown escape"],
    ["'\\U00110000'", "unknown escape"],
    ["'\\N{DASH}'", "unknown escape"],
  ])("the string %j", (text, problem) => {
    expect(mistake(text)).toMatch(new RegExp(`^${problem} at character \\d+`));
  });

  test("64 levels and no more", () => {
    const nested = (n: number) => "[".repeat(n) + "]".repeat(n);
    expect(mistake(nested(64))).toEqual([expect.anything()]);
    expect(mistake(nested(65))).toMatch(/^nested too deeply at character 64: \[/);
    expect(mistake(`${"(".repeat(65)}1${")".repeat(65)}`)).toMatch(/^nested too deeply/);
    expect(mistake(`${"{'a':".repeat(65)}1${"}".repeat(65)}`)).toMatch(/^nested too deeply/);
    expect(mistake(`${"{'a':".repeat(64)}1${"}".repeat(64)}`)).toBeInstanceOf(Map);
    expect(mistake(`${"(".repeat(64)}1${")".repeat(64)}`)).toBe(1n);
    expect(mistake(`[${"[],".repeat(100)}]`)).toHaveLength(100);
  });
});
