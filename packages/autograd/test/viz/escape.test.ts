/**
 * @file Names in pictures and tables, against the rules of the languages:
 * https://graphviz.org/doc/info/lang.html, https://graphviz.org/docs/attr-types/escString/,
 * https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters.
 */
import { type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { defineOp, requiresGrad, summary, toDot, toMermaid } from "../../src/index.js";

const named = (name: string): Tensor => {
  const op = defineOp<readonly [Tensor]>({
    name,
    forward: ([x]) => x.add(x),
    vjp: () => [(g) => g.mul(2)],
  });
  return op(requiresGrad(tensor([1, 2])));
};

describe("names", () => {
  it.each([
    ['say "hi"', 'say \\"hi\\"', "say #34;hi#34;"],
    ["a]; b --> c", "a]; b --> c", "a]#59; b #45;#45;#62; c"],
    ["one\ntwo\r\nthree", "one\\ntwo\\nthree", "one<br>two<br>three"],
    ["C:\\new", "C:\\\\new", "C#58;#92;new"],
    ['end\\"', 'end\\\\\\"', "end#92;#34;"],
    ["<b>bold</b>", "<b>bold</b>", "#60;b#62;bold#60;#47;b#62;"],
    ["&lt; #35;", "&amp;lt; #35;", "#38;lt#59; #35;35#59;"],
    ["end", "end", "end"],
    ["%%{init: {}}%%", "%%{init: {}}%%", "#37;#37;#123;init#58; #123;#125;#125;#37;#37;"],
    ["`*x*` __y__", "`*x*` __y__", "#96;#42;x#42;#96; #95;#95;y#95;#95;"],
    ["1. item", "1. item", "1#46; item"],
    ["my_op v1.5", "my_op v1.5", "my_op v1.5"],
    ["zero\0", "zero\ufffd", "zero#0;"],
    ["größe → 漢 😀", "größe → 漢 😀", "größe → 漢 😀"],
  ])("%j stand in DOT and Mermaid as they are", (name, dot, mermaid) => {
    const out = named(name);
    expect(toDot(out).split("\n")).toEqual([
      "digraph {",
      "  rankdir=TB;",
      '  n0 [label="leaf [2]" shape=oval];',
      `  n1 [label="${dot} [2]" shape=box];`,
      "  n0 -> n1;",
      "}",
    ]);
    expect(toMermaid(out).split("\n")).toEqual([
      "flowchart TB",
      '  n0(["leaf [2]"])',
      `  n1["${mermaid} [2]"]`,
      "  n0 --> n1",
    ]);
  });

  it("stay on their line of a table", () => {
    expect(summary({ "a\nb\u2028c": tensor([1]) }).split("\n")[1]).toMatch(/^.*a\\nb\\u2028c/);
  });
});
