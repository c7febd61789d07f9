import { describe, expect, it } from "vitest";
import { unpack } from "../../src/devices/cpu/unpack.js";
import { noise } from "./harness.js";

const scripts = new URL("../../scripts/", import.meta.url);
const { pack }: { pack(bytes: Uint8Array): Uint8Array } = await import(
  new URL("pack.mjs", scripts).href
);

const text = (characters: string): Uint8Array => new TextEncoder().encode(characters);

describe("unpack", () => {
  it.each([
    ["no bytes", new Uint8Array()],
    ["one byte", text("x")],
    ["zeros", new Uint8Array(700)],
    ["repeats of a word", text("multiply-add ".repeat(60))],
    ["a word in changing company", text("ab1 xab2 yab3 zab4 ab5 wab1 vab2 uab33ab4")],
    ["bytes without a pattern", new Uint8Array(noise(500, 1, 7).buffer)],
  ])("gives back what was packed: %s", (_, bytes) => {
    expect(unpack(pack(bytes), bytes.length)).toEqual(bytes);
  });

  it("needs few bytes for what repeats, and hardly more than there are for what does not", () => {
    expect(pack(text("multiply-add ".repeat(60))).length).toBeLessThan(30);
    expect(pack(new Uint8Array(noise(500, 1, 7).buffer)).length).toBeLessThan(2040);
  });
});
