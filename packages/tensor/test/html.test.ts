/** @file What notebooks show of a tensor. */
import { describe, expect, it } from "vitest";
import { arange, type Tensor, tensor, zeros } from "../src/api/index.js";

function shown(x: Tensor): Record<string, string> {
  const display = x as unknown as Record<symbol, () => Record<string, string>>;
  return (display[Symbol.for("Jupyter.display")] as () => Record<string, string>).call(x);
}
const html = (x: Tensor): string => shown(x)["text/html"] as string;

describe("notebook view", () => {
  it("is a table of the values beside the plain text", () => {
    const x = tensor([
      [1, 0.123456],
      [-2, Number.NaN],
    ]);
    expect(shown(x)["text/plain"]).toBe(x.toString());
    expect(html(x)).toBe(
      "<p><b>Tensor</b> float32 [2, 2] cpu</p><table><tr><td>1</td><td>0.1235</td></tr><tr><td>-2</td><td>NaN</td></tr></table>",
    );
    expect(html(tensor([true]))).toContain("<tr><td>true</td></tr>");
    expect(html(tensor(7))).toContain("<tr><td>7</td></tr>");
  });

  it("leaves out the middle of long axes and the later ones of many matrices", () => {
    const long = html(arange(100));
    expect(long.match(/<td>/g)).toHaveLength(11);
    expect(long).toContain("<td>4</td><td>…</td><td>95</td>");
    const many = html(zeros([6, 2, 2]));
    expect(many.match(/<table>/g)).toHaveLength(4);
    expect(many).toContain("… 2 more");
    expect(html(zeros([0, 3]))).not.toContain("<table>");
  });
});
