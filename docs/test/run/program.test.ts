/** @file What a page keeps of a program: which line belongs to which block, and its address. */
import { fc, test } from "@fast-check/vitest";
import { expect, it } from "vitest";
import { hashOf, stateOf } from "../../run/address.js";
import { Blocks } from "../../run/program.js";

const text = fc.array(fc.stringMatching(/^[a-z; ]{1,9}$/), { minLength: 1, maxLength: 5 });

test.prop([fc.array(text, { minLength: 1, maxLength: 6 })])(
  "a line of the program is the same line of its block",
  (blocks) => {
    const texts = blocks.map((lines) => `${lines.join("\n")}.`);
    const program = new Blocks(texts);
    program.source.split("\n").forEach((line, i) => {
      const place = program.placeOf(i + 1);
      expect(texts[place.block]?.split("\n")[place.line - 1]).toBe(line);
    });
  },
);

const code = fc.dictionary(fc.nat(30).map(String), fc.string({ unit: "binary" }), {
  noNullPrototype: true,
});

test.prop([code, fc.option(fc.constantFrom("cpu", "webgpu", "webgl2"), { nil: undefined })])(
  "code comes back from an address as it was",
  (given, device) => {
    const hash = hashOf({ code: given, ...(device && { device }) });
    expect(hash).toMatch(/^#code=[\w-]*$/);
    expect(stateOf(hash)).toEqual({ code: given, ...(device && { device }) });
  },
);

test.prop([fc.string()])("a damaged address holds nothing, and is no error", (noise) => {
  expect(stateOf(`#code=${noise}`)).toBeUndefined();
});

it("refuses what inflates to more than a page has", () => {
  const zeros = hashOf({ code: { "0": "0".repeat(200_000) } });
  expect(zeros.length).toBeLessThan(1000);
  expect(stateOf(zeros)).toBeUndefined();
  const huge = hashOf({ code: { "0": "0".repeat(2_000_000) } });
  expect(stateOf(huge)).toBeUndefined();
});
