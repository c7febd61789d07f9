/** @file Arithmetic of sliding windows: counts beside enumeration, borders, and the words of every refusal. */
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/base/errors.js";
import { extent, perAxis, windowCount, windowsOf } from "../../src/nets/window/windows.js";
import { refusalOf } from "./refusal.js";

/** How many starting places a window has, counted one by one. */
function counted(n: number, kernel: number, stride: number, dilation: number, border: number) {
  let count = 0;
  for (let at = 0; at + (kernel - 1) * dilation < n + 2 * border; at += stride) count++;
  return count;
}

describe("windows", () => {
  it("are as many as fit", () => {
    for (const n of [1, 4, 7]) {
      for (const [kernel, stride, dilation, border] of [
        [1, 1, 1, 0],
        [1, 2, 3, 0],
        [2, 1, 1, 1],
        [3, 2, 1, 2],
        [2, 3, 2, 1],
      ] as const) {
        const w = { kernel, stride, dilation, before: border, after: border };
        expect(windowCount(n, w)).toBe(counted(n, kernel, stride, dilation, border));
      }
    }
    expect(windowCount(5, { kernel: 3, stride: 1, dilation: 1, before: 1, after: 0 })).toBe(4);
    expect(extent({ kernel: 3, stride: 1, dilation: 2, before: 0, after: 0 })).toBe(5);
    expect(extent({ kernel: 1, stride: 1, dilation: 9, before: 0, after: 0 })).toBe(1);
  });

  it("take one number for all axes, or one for each", () => {
    expect(windowsOf("pool", [2, 3], [4, 7], {})).toEqual([
      { kernel: 2, stride: 1, dilation: 1, before: 0, after: 0 },
      { kernel: 3, stride: 1, dilation: 1, before: 0, after: 0 },
    ]);
    const options = { stride: [2, 1], dilation: [1, 2], padding: [0, 1] };
    expect(windowsOf("pool", [2, 3], [4, 7], options)).toEqual([
      { kernel: 2, stride: 2, dilation: 1, before: 0, after: 0 },
      { kernel: 3, stride: 1, dilation: 2, before: 1, after: 1 },
    ]);
    expect(windowsOf("pool", [2], [4], { stride: 3, dilation: 2, padding: 1 })).toEqual([
      { kernel: 2, stride: 3, dilation: 2, before: 1, after: 1 },
    ]);
  });

  it('"same" keeps lengths, with the odd zero behind; "valid" adds none', () => {
    for (const [kernel, dilation] of [
      [1, 1],
      [2, 1],
      [4, 3],
      [3, 2],
    ] as const) {
      const [w] = windowsOf("conv", [kernel], [9], { dilation, padding: "same" });
      expect(w && windowCount(9, w)).toBe(9);
      expect([0, 1]).toContain((w?.after ?? 0) - (w?.before ?? 0));
    }
    expect(windowsOf("conv", [4], [9], { padding: "same" })[0]).toMatchObject({
      before: 1,
      after: 2,
    });
    expect(windowsOf("conv", [4], [9], { padding: "valid", stride: 2 })[0]).toMatchObject({
      before: 0,
      after: 0,
    });
  });

  it("may just fit", () => {
    expect(windowsOf("pool", [5], [5], {}).length).toBe(1);
    expect(windowsOf("pool", [5], [3], { padding: 1 }).length).toBe(1);
  });
});

describe("refusals", () => {
  it.each([
    [
      () => windowsOf("pool", [5], [4], {}),
      "a window of 5 does not fit into the 4 + 0 places of axis 0 of [4]",
      "use a smaller kernel or more padding",
    ],
    [
      () => windowsOf("pool", [1, 3], [4, 2], { dilation: 2, padding: 1 }),
      "a window of 5 does not fit into the 2 + 2 places of axis 1 of [4, 2]",
      "use a smaller kernel or more padding",
    ],
    [
      () => windowsOf("conv", [2, 2], [4, 4], { padding: "same", stride: [1, 2] }),
      'padding "same" needs a stride of 1',
      "give the padding as numbers",
    ],
    [() => perAxis("conv", "stride", 0, 1, 1), "stride is 0", "give a whole number ≥ 1"],
    [() => perAxis("conv", "stride", 1.5, 1, 1), "stride is 1.5", "give a whole number ≥ 1"],
    [
      () => windowsOf("conv", [2, 2], [4, 4], { stride: [1, 1, 1] }),
      "stride is [1,1,1]",
      "give a whole number ≥ 1, or 2 of them",
    ],
    [
      () => windowsOf("conv", [2, 2], [4, 4], { dilation: [1, 0] }),
      "dilation is [1,0]",
      "give a whole number ≥ 1, or 2 of them",
    ],
    [
      () => windowsOf("conv", [2, 2], [4, 4], { padding: -1 }),
      "padding is -1",
      "give a whole number ≥ 0, or 2 of them",
    ],
  ])("%#", (call, problem, help) => {
    expect(refusalOf(ShapeError, call)).toMatch(/^(pool|conv): /);
    expect(refusalOf(ShapeError, call).replace(/^\w+: /, "")).toBe(`${problem}\n  help: ${help}`);
  });

  it("0 is a padding", () => {
    expect(perAxis("conv", "padding", 0, 2, 0)).toEqual([0, 0]);
  });
});
