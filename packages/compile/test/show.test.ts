/** @file Programs as people see them: text, graphs, and options of both. */
import { defineOp, grad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { Linear, sgd } from "@isograd/nn";
import { gelu, init, inv, ones, rng, split, type Tensor, tensor } from "@isograd/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shortest } from "../src/names.js";

beforeAll(() => init({ threads: 1 }));
afterAll(() => init({}));

const bias = ones([64]);
const layer = (x: Tensor) => {
  x.exp();
  const h = x.mul(0.1).add(bias);
  return [gelu(h), h.sum({ axis: 1 })];
};

/** The lines of a text without the numbers of bytes and places. */
function lines(text: string): string[] {
  return text.split("\n").map((line) => line.replace(/arena (of )?\d+/, "arena $1N").trimEnd());
}

describe("toString()", () => {
  it("shows the first and the last of many results", () => {
    const f = compile((x: Tensor) => split(x, 9).map((row) => row.exp()));
    f(ones([9, 2]));
    expect(lines(String(f))[2]).toMatch(
      /^ {2}%1 float32\[1, 2\], %2 float32\[1, 2\], … 6 more …, %9 float32\[1, 2\] = split\(/,
    );
  });

  it("shows what is given, where results lie, what is fused, what is returned", () => {
    const f = compile(layer);
    expect(String(f)).toBe("no program yet: the first call makes one");
    f(ones([128, 64]));
    expect(lines(String(f))).toEqual([
      "program: 4 instructions, 4 calls (4 fused in 1 group), arena of N bytes",
      "   argument0 float32[128, 64]",
      "   constant4 float32[64]",
      "1  %3 float32[128, 64] = mul(argument0, 0.1)  ; arena N, a strip",
      "1  %5 float32[128, 64] = add(%3, constant4)   ; arena N, a strip",
      "1  %6 float32[128, 64] = gelu(%5)             ; result 0",
      "1  %7 float32[128] = sum(%5, axes=[1])        ; result 1",
      "   return %6 float32[128, 64], %7 float32[128]",
    ]);
  });

  it("shows views, shapes that differ, checks, and what the host computes", () => {
    const f = compile((x: Tensor, i: Tensor) => {
      const square = x.take(i).permuteDims([1, 0]);
      return [inv(square), x.exp().reshape([4]).sum({ axis: 0 }), x];
    });
    f(
      tensor([
        [2, 1],
        [1, 3],
      ]),
      tensor([0, 1], { dtype: "int32" }),
    );
    const text = lines(String(f));
    const find = (op: string) => text.find((line) => line.includes(`${op}(`))?.trim();
    expect(text[0]).toMatch(/^program: \d instructions, \d calls, arena of N bytes$/);
    expect(find("take")).toMatch(/= take\(argument0, argument1, axis=0\) +; .*indices are checked/);
    expect(find("permuteDims")).toMatch(/permuteDims\(%\d+, axes=\[1, 0\]\) +; a view of %\d+$/);
    expect(find("inv")).toMatch(/; result 0; on the host$/);
    expect(find("sum")).toMatch(/= sum\(%\d+\[4\], axes=\[0\]\)/);
    expect(text.at(-1)).toMatch(/^ {2}return %\d+ .*, argument0 float32\[2, 2\]$/);
  });

  it("shows the state, and numbers that change", () => {
    const own = new Linear(2, 3, { rng: rng(0) });
    const optimizer = sgd(own, { lr: 0.1 });
    const step = (x: Tensor): void => {
      optimizer.step(grad((m: Linear) => m.forward(x).sum())(own));
    };
    const f = compile(step, { state: [own, optimizer] });
    f(ones([4, 2]));
    const text = lines(String(f));
    expect(text).toContain("  state0 float32[3, 2]");
    const update = text.find((line) =>
      line.includes("; state0; state2; with the numbers of each call"),
    );
    expect(update).toMatch(/= \w+\(state0, %\d+/);
    expect(update).not.toContain("0.1");
    expect(text.filter((line) => /^ {2}state\d ← %\d+$/.test(line))).toHaveLength(4);
    expect(text.at(-1)).toBe("  return");
  });

  it("shows one program after the other, and follows init()", async () => {
    const f = compile(layer);
    f(ones([1, 64]));
    f(ones([128, 64]));
    const programs = String(f).split("\n\n");
    expect(programs.map((text) => /\[\d+, 64\]/.exec(text)?.[0])).toEqual(["[1, 64]", "[128, 64]"]);
    expect(f.toString({ wat: true }).match(/^\(module$/gm)).toHaveLength(2);
    f.dispose();
    expect(String(f)).toBe("no program yet: the first call makes one");
    expect(f.toDot()).toBe("");
  });

  it("numbers are as short as float32 allows; long attributes are cut", () => {
    expect([0.1, 1 / 3, 1e-8, -0, 16777216].map((x) => shortest(Math.fround(x)))).toEqual([
      "0.1",
      "0.33333334",
      "1e-8",
      "-0",
      "16777216",
    ]);
    expect([NaN, Infinity].map(shortest)).toEqual(["NaN", "Infinity"]);
    const f = compile((x: Tensor) => [
      x.mul(Infinity),
      x.slice(Array.from({ length: 6 }, () => [0, 2] as const)).add(Number.MAX_SAFE_INTEGER),
    ]);
    f(ones([3, 3, 3, 3, 3, 3]));
    expect(String(f)).toContain("mul(argument0, Infinity)");
    expect(String(f)).toMatch(/slice\(argument0, starts=\[0, 0, 0, 0, 0, 0\], .*…\)/);
  });
});

describe("graphs", () => {
  it("toDot() shows instructions, groups in boxes, numbers in their instruction", () => {
    const f = compile(layer);
    f(ones([128, 64]));
    expect(f.toDot()).toBe(`digraph {
  rankdir=TB;
  n0 [label="argument0 [128, 64]" shape=oval];
  n2 [label="constant4 [64]" shape=oval];
  n6 [label="result0" shape=oval];
  n7 [label="result1" shape=oval];
  subgraph cluster_1 {
    label="group 1";
    n1 [label="mul(·, 0.1) [128, 64]" shape=box];
    n3 [label="add [128, 64]" shape=box];
    n4 [label="gelu [128, 64]" shape=box];
    n5 [label="sum(·, axes=[1]) [128]" shape=box];
  }
  n0 -> n1;
  n1 -> n3;
  n2 -> n3;
  n3 -> n4;
  n3 -> n5;
  n4 -> n6;
  n5 -> n7;
}`);
    const before = f.toDot({ passes: false });
    expect(before).toContain('[label="exp [128, 64]" shape=box]');
    expect(before).not.toContain("subgraph");
  });

  it("toMermaid() shows the same graph", () => {
    const f = compile((x: Tensor) => x.add(x).tanh());
    f(ones([10_000]));
    expect(f.toMermaid()).toBe(`flowchart TB
  n0(["argument0 [10000]"])
  n3(["result"])
  subgraph g1 ["group 1"]
    n1["add [10000]"]
    n2["tanh [10000]"]
  end
  n0 --> n1
  n0 --> n1
  n1 --> n2
  n2 --> n3`);
    expect(f.toMermaid({ passes: false }).split("\n")[3]).toBe('  n2["tanh [10000]"]');
  });

  it("state is read and written, programs follow each other", () => {
    const own = new Linear(2, 3, { rng: rng(0) });
    const optimizer = sgd(own, { lr: 0.1 });
    const step = (x: Tensor): void => {
      optimizer.step(grad((m: Linear) => m.forward(x).sum())(own));
    };
    const f = compile(step, { state: [own, optimizer] });
    f(ones([4, 2]));
    f(ones([5, 2]));
    const [first = "", second = ""] = f.toDot().split("\n\n");
    for (const graph of [first, second]) {
      expect(graph).toMatch(/label="state0 \[3, 2\]" shape=oval/);
      expect(graph).toMatch(/label="new state1" shape=oval/);
    }
    expect(second).toContain("argument0 [5, 2]");
  });

  it("the way back is a program of its own, in text and graph", () => {
    const own = new Linear(2, 3, { rng: rng(0) });
    const f = compile((x: Tensor) => own.forward(x).tanh(), { state: own });
    grad((m: Linear) =>
      f(ones([4, 2]))
        .mul(m.weight.value.sum())
        .sum(),
    )(own);
    const [forward = "", back = ""] = String(f).split("\n\n");
    expect(forward).toMatch(/^program: /);
    expect(back).toMatch(/^the way back: /);
    const given = [...back.matchAll(/^ +argument(\d)/gm)].map(([, at]) => Number(at));
    expect(given).toEqual([...given.keys()]);
    expect(f.toDot().match(/^digraph/gm)).toHaveLength(2);
    expect(f.toMermaid().match(/^flowchart/gm)).toHaveLength(2);
    expect(f.toDot({ passes: false }).match(/^digraph/gm)).toHaveLength(1);
    expect(f.toString({ wat: true }).match(/^\(module/gm)).toHaveLength(2);
  });

  it.each([
    ['say "hi"', 'say \\"hi\\"', "say #34;hi#34;"],
    ["end\\", "end\\\\", "end#92;"],
    ["a]; b --> c", "a]; b --> c", "a]#59; b #45;#45;#62; c"],
    ["<b>&amp;</b>\n", "<b>&amp;amp;</b> ", "#60;b#62;#38;amp#59;#60;#47;b#62; "],
  ])("the name %j is text, not syntax", (name, dot, mermaid) => {
    const op = defineOp<readonly [Tensor]>({
      name,
      scalar: (v) => v * 2,
      vjp: () => [(g) => g.mul(2)],
    });
    const f = compile((x: Tensor) => op(x));
    f(ones([2]));
    expect(f.toDot()).toContain(`[label="${dot} [2]" shape=box];`);
    expect(f.toMermaid()).toContain(`["${mermaid} [2]"]`);
  });
});
