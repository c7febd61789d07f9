/** @file Headers of .safetensors files that break a rule: the whole message of each refusal. */
import { describe, expect, test } from "vitest";
import { readSafetensorsHeader, SAFETENSORS_DTYPES } from "../../src/io/safetensorsHeader.js";
import { refusal, safetensorsFile } from "./fixtures.js";

const read = (file: Uint8Array) => readSafetensorsHeader("load", file);
const readText = (header: string, bytes = 8) =>
  read(safetensorsFile(header, new Uint8Array(bytes)));
const refuse = (header: string, bytes = 8) => refusal(() => readText(header, bytes));

interface Parts {
  readonly dtype?: string;
  readonly shape?: string;
  readonly offsets?: string;
}
const entry = ({ dtype = '"F32"', shape = "[2]", offsets = "[0,8]" }: Parts = {}) =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;

describe("the length in front", () => {
  const COMPLETE = "\n  help: is it a .safetensors file, and complete?";

  test("needs 8 bytes", () => {
    expect(refusal(() => read(new Uint8Array(7)))).toBe(
      `load: 7 bytes are too few for a header${COMPLETE}`,
    );
    expect(refusal(() => read(new Uint8Array(8)))).toBe(
      "load: the header is not valid JSON: unexpected end at character 0",
    );
  });

  test("ends with the file at the latest", () => {
    const file = safetensorsFile("{}      ");
    expect(read(file)).toEqual({ entries: [], metadata: new Map(), dataStart: 16 });
    file[0] = 9;
    expect(refusal(() => read(file))).toBe(
      `load: header length 9 exceeds the file's 16 bytes${COMPLETE}`,
    );
  });

  test("is 100 MB at most", () => {
    const file = safetensorsFile("{}");
    const view = new DataView(file.buffer);
    view.setBigUint64(0, 100_000_001n, true);
    expect(refusal(() => read(file))).toBe(
      `load: header length 100000001 is above 100000000 bytes${COMPLETE}`,
    );
    view.setBigUint64(0, 100_000_000n, true);
    expect(refusal(() => read(file))).toBe(
      `load: header length 100000000 exceeds the file's 10 bytes${COMPLETE}`,
    );
  });
});

describe("the whole", () => {
  test.each([
    ["[]", "the header is [], not a JSON object"],
    [
      '[1,"a",null,{},true,-1.5,[2],8,9,10]',
      'the header is [1, "a", null, an object, true, -1.5, [2], 8], not a JSON object',
    ],
    ['"text"', 'the header is "text", not a JSON object'],
    ["3", "the header is 3, not a JSON object"],
    [`1.${"5".repeat(60)}`, `the header is 1.${"5".repeat(38)}, not a JSON object`],
    ["{", "the header is not valid JSON: unexpected end at character 1"],
    ['{"__metadata__":[]}', "__metadata__ is [], not an object of strings"],
    ['{"__metadata__":{"a":"1","b":2}}', '__metadata__ "b" is 2, not a string'],
    ['{"__metadata__":{"a":{}}}', '__metadata__ "a" is an object, not a string'],
    [
      `{"__metadata__":{"${"a".repeat(90)}":1}}`,
      `__metadata__ "${"a".repeat(80)}…" is 1, not a string`,
    ],
  ])("%s", (header, message) => {
    expect(refuse(header)).toBe(`load: ${message}`);
  });

  test("is UTF-8, without a byte order mark", () => {
    const file = safetensorsFile("{}");
    file[8] = 0xff;
    expect(refusal(() => read(file))).toBe("load: the header is not valid UTF-8");
    expect(refuse("\ufeff{}")).toBe(
      "load: the header is not valid JSON: expected a value at character 0",
    );
  });

  test("metadata are strings", () => {
    expect(readText('{"__metadata__":{"a":"1","":"2"}}', 0).metadata).toEqual(
      new Map([
        ["a", "1"],
        ["", "2"],
      ]),
    );
  });
});

describe("an entry", () => {
  const KNOWN = `\n  help: known are ${Object.keys(SAFETENSORS_DTYPES).join(", ")}`;
  test.each<[string, string]>([
    ['["F32"]', 'its entry is ["F32"], not an object'],
    ["null", "its entry is null, not an object"],
    ['{"shape":[2],"data_offsets":[0,8]}', 'no "dtype"'],
    ['{"dtype":"F32","data_offsets":[0,8]}', 'no "shape"'],
    ['{"dtype":"F32","shape":[2]}', 'no "data_offsets"'],
    [entry({ dtype: '"F33"' }), `unknown dtype "F33"${KNOWN}`],
    [entry({ dtype: '"valueOf"' }), `unknown dtype "valueOf"${KNOWN}`],
    [entry({ dtype: '["F32"]' }), `unknown dtype ["F32"]${KNOWN}`],
    [entry({ dtype: "32" }), `unknown dtype 32${KNOWN}`],
    [entry({ shape: "2" }), "shape is 2"],
    [entry({ shape: '["2"]' }), 'shape is ["2"]'],
    [entry({ shape: "[2,-1]" }), "shape is [2, -1]"],
    [entry({ shape: "[2.0]" }), "shape is [2.0]"],
    [entry({ shape: `[${"1,".repeat(64)}1]` }), "65 axes are more than 64"],
    [entry({ offsets: "[0]" }), "data_offsets are [0]"],
    [entry({ offsets: "[0,4,8]" }), "data_offsets are [0, 4, 8]"],
    [entry({ offsets: "8" }), "data_offsets are 8"],
    [entry({ offsets: '[0,"8"]' }), 'data_offsets are [0, "8"]'],
    [entry({ offsets: "[8,0]" }), "data_offsets [8, 0] run backwards"],
    [entry({ shape: "[1,3]" }), "F32 [1, 3] takes 12 bytes, data_offsets 8"],
    [entry({ shape: "[1]", offsets: "[4,12]" }), "F32 [1] takes 4 bytes, data_offsets 8"],
    [
      entry({ dtype: '"F4"', shape: "[3]" }),
      "F4 [3] takes no whole number of bytes, data_offsets 8",
    ],
    [
      entry({ shape: "[4294967296,4294967296]" }),
      "F32 [4294967296, 4294967296] takes no whole number of bytes, data_offsets 8",
    ],
    [
      entry({ dtype: '"U8"', shape: "[9007199254740992]", offsets: "[0,9007199254740992]" }),
      "lengths above 2^53",
    ],
    [entry({ shape: "[0,9007199254740992]", offsets: "[0,0]" }), "lengths above 2^53"],
  ])("%s", (item, problem) => {
    expect(refuse(`{"a":${item}}`)).toBe(`load: tensor "a": ${problem}`);
  });

  test("of 64 axes, of 4 and 6 bits, and large ones with nothing in them", () => {
    const axes = `[${"1,".repeat(63)}1]`;
    expect(readText(`{"a":${entry({ shape: axes, offsets: "[0,4]" })}}`, 4).entries).toHaveLength(
      1,
    );
    const six = entry({ dtype: '"F6_E2M3"', shape: "[4]", offsets: "[0,3]" });
    expect(readText(`{"a":${six}}`, 3).entries).toEqual([
      { name: "a", dtype: "float6_e2m3", shape: [4], start: 0, end: 3 },
    ]);
    const empty = entry({ shape: "[0,9007199254740991]", offsets: "[0,0]" });
    expect(readText(`{"a":${empty}}`, 0).entries[0]!.shape).toEqual([0, 2 ** 53 - 1]);
  });
});

describe("tensors tile the bytes", () => {
  const at = (start: number, end: number) =>
    entry({ dtype: '"U8"', shape: `[${end - start}]`, offsets: `[${start},${end}]` });

  test("in any order, and with empty ones between", () => {
    const header = `{"b":${at(3, 8)},"e":${at(3, 3)},"a":${at(0, 3)}}`;
    expect(readText(header).entries.map(({ name }) => name)).toEqual(["b", "e", "a"]);
    expect(readText(`{"e":${at(0, 0)},"a":${at(0, 8)},"z":${at(8, 8)}}`).entries).toHaveLength(3);
  });

  test.each([
    [`{"a":${at(0, 3)},"b":${at(4, 8)}}`, 'tensor "b" leaves a hole: it starts at 4, not 3'],
    [`{"a":${at(1, 8)}}`, 'tensor "a" leaves a hole: it starts at 1, not 0'],
    [
      `{"a":${at(0, 5)},"b":${at(4, 8)}}`,
      'tensor "b" overlaps the tensor before it: it starts at 4, not 5',
    ],
    [
      `{"a":${at(0, 8)},"b":${at(0, 4)}}`,
      'tensor "a" overlaps the tensor before it: it starts at 0, not 4',
    ],
    [`{"a":${at(0, 9)}}`, "the tensors take 9 bytes, the file has 8 after its header"],
    [`{"a":${at(0, 7)}}`, "the tensors take 7 bytes, the file has 8 after its header"],
    ["{}", "the tensors take 0 bytes, the file has 8 after its header"],
  ])("%s", (header, message) => {
    expect(refuse(header)).toBe(`load: ${message}`);
  });
});
