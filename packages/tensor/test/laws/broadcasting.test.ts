/**
 * @file Laws of broadcasting: shapes form a commutative, associative operation, and elements follow
 * them.
 */
import { fc, test } from "@fast-check/vitest";
import {
  add,
  broadcastShapes,
  broadcastTo,
  maximum,
  mul,
  type Shape,
  ShapeError,
  sub,
  sum,
  type Tensor,
} from "@isograd/tensor";
import { broadcastable, forEachDevice, installMatchers, shapes, tensors } from "@isograd/testkit";
import { describe, expect } from "vitest";

installMatchers();

const join = (a: Shape, b: Shape): Shape => broadcastShapes("test", a, b);

function pairs(device: string): fc.Arbitrary<[Tensor, Tensor]> {
  return broadcastable(2).chain(([a, b]) =>
    fc.tuple(tensors(a as Shape, { device }), tensors(b as Shape, { device })),
  );
}

describe("shapes", () => {
  test.prop([broadcastable(3)])("commute, associate, and absorb themselves", ([a, b, c]) => {
    const [p, q, r] = [a as Shape, b as Shape, c as Shape];
    expect(join(p, q)).toEqual(join(q, p));
    expect(join(join(p, q), r)).toEqual(join(p, join(q, r)));
    expect(join(p, p)).toEqual(p);
    expect(join(p, [])).toEqual(p);
    expect(join(join(p, q), q)).toEqual(join(p, q));
  });

  test.prop([shapes({ minRank: 1 }), fc.nat()])("refuse lengths that differ", (shape, k) => {
    const i = k % shape.length;
    const other = shape.map((n, d) => (d === i ? n + 2 : n));
    if (shape[i] === 1) return;
    expect(() => join(shape, other)).toThrow(ShapeError);
  });
});

forEachDevice(["cpu", "reference"], (device) => {
  test.prop([pairs(device)])("sums and products commute", ([a, b]) => {
    for (const f of [add, mul, maximum]) expect(f(a, b)).toEqualTensor(f(b, a));
    expect(sub(a, b)).toEqualTensor(sub(b, a).neg());
  });

  test.prop([pairs(device)])("is the same as spreading both operands first", ([a, b]) => {
    const shape = join(a.shape, b.shape);
    expect(mul(a, b)).toEqualTensor(mul(broadcastTo(a, shape), broadcastTo(b, shape)));
    expect(sub(a, b)).toEqualTensor(sub(broadcastTo(a, shape), b));
  });

  test.prop([pairs(device)])("every element comes from its own places", ([a, b]) => {
    const out = sub(a, b);
    const [x, y, z] = [a, b, out].map((t) => t.dataSync());
    const at = (t: Tensor, index: readonly number[]): number =>
      t.shape.reduce((k, n, d) => {
        const i = index[index.length - t.shape.length + d] as number;
        return k * n + (n === 1 ? 0 : i);
      }, 0);
    for (let k = 0; k < out.size; k++) {
      let rest = k;
      const index = [...out.shape].reverse().map((n) => {
        const i = rest % n;
        rest = (rest - i) / n;
        return i;
      });
      index.reverse();
      expect(z?.[k]).toBe((x?.[at(a, index)] as number) - (y?.[at(b, index)] as number));
    }
  });

  test.prop([pairs(device)])("summing undoes spreading: ⟨spread a, g⟩ = ⟨a, sum g⟩", ([a, b]) => {
    const g = add(mul(b, 1), mul(broadcastTo(a, join(a.shape, b.shape)), 0));
    const spread = broadcastTo(a, g.shape);
    const lead = g.shape.length - a.shape.length;
    const axes = g.shape
      .map((_, i) => i)
      .filter((i) => i < lead || (a.shape[i - lead] === 1 && g.shape[i] !== 1));
    const back = sum(g, { axis: axes, keepdims: true }).reshape(a.shape);
    expect(sum(mul(spread, g)).item()).toBe(sum(mul(a, back)).item());
  });
});
