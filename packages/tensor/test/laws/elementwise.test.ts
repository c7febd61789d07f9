/**
 * @file Laws of elementwise functions: they commute with moving elements, and with each other as
 * algebra says.
 */
import { fc, test } from "@fast-check/vitest";
import * as library from "@isograd/tensor";
import { allOps, families } from "@isograd/tensor/engine";
import {
  anyTensor,
  broadcastable,
  forEachDevice,
  installMatchers,
  orderOf,
  tensors,
} from "@isograd/testkit";
import { describe, expect, it } from "vitest";

installMatchers();

const { add, clip, maximum, minimum, mod, mul, neg, permuteDims, reshape, sub, where } = library;
type Tensor = library.Tensor;

const { fmod, polygamma, xlogy, ...ofOne } = families.special;
const unary = [
  ...Object.entries(families.unary),
  ...Object.entries(ofOne),
  ["polygamma", (x: Tensor) => polygamma(2, x)],
] as [string, (x: Tensor) => Tensor][];
const binary = [
  ...Object.entries({ ...families.binary, fmod, xlogy }),
  ...Object.entries(families.compare),
].filter(([name]) => allOps().get(name)?.scalar !== undefined) as [
  string,
  (a: Tensor, b: Tensor) => Tensor,
][];

forEachDevice(["cpu", "reference"], (device) => {
  const withOrder = anyTensor({ maxRank: 3 }, { device }).chain((x) =>
    fc.tuple(fc.constant(x), orderOf(x.shape)),
  );

  describe("moving first or last is the same", () => {
    it.each(unary)("%s", (_, f) => {
      fc.assert(
        fc.property(withOrder, ([x, order]) => {
          expect(f(permuteDims(x, order))).toEqualTensor(permuteDims(f(x), order));
        }),
        { numRuns: 25 },
      );
    });

    it.each(binary)("%s", (_, f) => {
      const square = withOrder.chain(([x, order]) =>
        fc.tuple(fc.constant(x), tensors(x.shape, { device }), fc.constant(order)),
      );
      fc.assert(
        fc.property(square, ([x, y, order]) => {
          const solid = (t: Tensor) => reshape(reshape(t, [t.size]), t.shape);
          const [p, q] = [permuteDims(x, order), permuteDims(y, order)];
          const moved = f(solid(p), solid(q));
          expect(f(p, q)).toEqualTensor(moved);
          expect(f(p, solid(q))).toEqualTensor(moved);
          expect(f(solid(p), q)).toEqualTensor(moved);
        }),
        { numRuns: 25 },
      );
    });
  });

  const pairs = broadcastable(2).chain(([a, b]) =>
    fc.tuple(tensors(a as number[], { device }), tensors(b as number[], { device })),
  );

  test.prop([pairs])("order: one of <, =, > holds", ([a, b]) => {
    const [lt, eq, gt] = [a.less(b), a.equal(b), a.greater(b)];
    const count = [lt, eq, gt].map((t) => t.cast("int32")).reduce((s, t) => add(s, t));
    expect(count.equal(1).all().item()).toBe(1);
    expect(a.lessEqual(b)).toEqualTensor(library.logicalOr(lt, eq));
    expect(a.notEqual(b)).toEqualTensor(library.logicalNot(eq));
    expect(a.greaterEqual(b)).toEqualTensor(library.logicalNot(lt));
  });

  test.prop([pairs])("max, min and choice", ([a, b]) => {
    expect(maximum(a, b)).toEqualTensor(where(a.greater(b), a, b));
    expect(add(maximum(a, b), minimum(a, b))).toEqualTensor(add(a, b));
    expect(maximum(a, b)).toEqualTensor(neg(minimum(neg(a), neg(b))));
    expect(sub(maximum(a, b), minimum(a, b))).toEqualTensor(sub(a, b).abs());
    const kept = add(where(a.less(b), a, 0), where(a.less(b), 0, a));
    expect(kept).toEqualTensor(add(a, mul(b, 0)));
  });

  test.prop([pairs])("mod: the remainder has the sign of the divisor and is smaller", ([a, b]) => {
    const divisor = where(b.equal(0), 1, b);
    const r = mod(a, divisor);
    expect(r.abs().less(divisor.abs()).all().item()).toBe(1);
    expect(mul(r, divisor).greaterEqual(0).all().item()).toBe(1);
    const quotient = sub(a, r).div(divisor);
    expect(quotient).toBeCloseToTensor(quotient.round(), { atol: 1e-5 });
  });

  test.prop([anyTensor({}, { device })])("bounds, signs and rounding", (x) => {
    expect(clip(x, { min: -1, max: 2 })).toEqualTensor(minimum(maximum(x, -1), 2));
    expect(mul(x.sign(), x.abs())).toEqualTensor(x);
    expect(x.ceil()).toEqualTensor(x.neg().floor().neg());
    expect(x.trunc()).toEqualTensor(mul(x.sign(), x.abs().floor()));
    expect(x.relu()).toEqualTensor(maximum(x, 0));
    expect(x.square().sqrt()).toEqualTensor(x.abs());
    expect(x.sub(x.round()).abs().lessEqual(0.5).all().item()).toBe(1);
  });

  test.prop([anyTensor({ minRank: 1, minLength: 1 }, { device })])("softmax", (x) => {
    const p = x.softmax();
    const ones = library.ones(x.shape.slice(0, -1), { device });
    expect(p.sum({ axis: -1 })).toBeCloseToTensor(ones, { atol: 1e-6 });
    expect(x.add(100).softmax()).toBeCloseToTensor(p, { atol: 1e-5 });
    expect(x.logSoftmax().exp()).toBeCloseToTensor(p, { atol: 1e-6 });
    const total = library.logSumExp(x, { axis: -1, keepdims: true });
    expect(x.logSoftmax()).toBeCloseToTensor(sub(x, total), { atol: 1e-6 });
  });
});
