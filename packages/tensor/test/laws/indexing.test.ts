/** @file Laws of gathering and scattering: each is the transpose of the other. */
import { fc, test } from "@fast-check/vitest";
import {
  addAlongAxis,
  indexAdd,
  matmul,
  mul,
  oneHot,
  reshape,
  type Shape,
  segmentSum,
  slice,
  stack,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
} from "@isograd/tensor";

import {
  axisOf,
  forEachDevice,
  indicesInto,
  installMatchers,
  shapes,
  tensors,
} from "@isograd/testkit";
import { expect } from "vitest";

installMatchers();

interface Gather {
  readonly x: Tensor;
  readonly at: Tensor;
  readonly axis: number;
  readonly g: Tensor;
}

/** A tensor, an axis of it, indices into that axis, and a cotangent of what they take. */
function gathers(device: string): fc.Arbitrary<Gather> {
  const first = shapes({ minRank: 1, maxRank: 3, minLength: 1 }).chain((shape) =>
    fc.tuple(fc.constant(shape), axisOf(shape), shapes({ maxRank: 2 })),
  );
  return first.chain(([shape, axis, wanted]) => {
    const d = axis < 0 ? axis + shape.length : axis;
    const result = [...shape.slice(0, d), ...wanted, ...shape.slice(d + 1)];
    return fc.record({
      x: tensors(shape, { device }),
      at: indicesInto(shape[d] as number, wanted, device),
      axis: fc.constant(axis),
      g: tensors(result, { device }),
    });
  });
}

const inner = (a: Tensor, b: Tensor): number => sum(mul(a, b)).item();

forEachDevice(["cpu", "reference"], (device) => {
  test.prop([gathers(device)])("⟨take x, g⟩ = ⟨x, segmentSum g⟩", ({ x, at, axis, g }) => {
    const taken = take(x, at, { axis });
    expect(taken.shape).toEqual(g.shape);
    const d = axis < 0 ? axis + x.shape.length : axis;
    const back = segmentSum(g, at, x.shape[d] as number, { axis: d });
    expect(back.shape).toEqual(x.shape);
    expect(inner(taken, g)).toBe(inner(x, back));
    expect(segmentSum(g, at, x.shape[d] as number, { axis })).toEqualTensor(back);
  });

  test.prop([gathers(device)])("indexAdd adds the segment sums", ({ x, at, axis, g }) => {
    const d = axis < 0 ? axis + x.shape.length : axis;
    const sums = segmentSum(g, at, x.shape[d] as number, { axis: d });
    expect(indexAdd(x, at, g, { axis })).toEqualTensor(x.add(sums));
  });

  test.prop([gathers(device)])("take picks slices", ({ x, at, axis }) => {
    const d = axis < 0 ? axis + x.shape.length : axis;
    const flat = take(x, reshape(at, [at.size]), { axis });
    const rows = Array.from(at.dataSync()).map((i) => {
      return slice(
        x,
        x.shape.map((_, k) => (k === d ? i : null)),
      );
    });
    if (rows.length > 0) expect(flat).toEqualTensor(stack(rows, { axis: d }));
  });

  test.prop([gathers(device)])("one-hot rows times x take rows of x", ({ x, at }) => {
    const n = x.shape[0] as number;
    const rows = reshape(x, [n, x.size / n]);
    const ids = reshape(at, [at.size]);
    if (Array.from(ids.dataSync()).some((i) => i >= n)) return;
    expect(matmul(oneHot(ids, n), rows)).toEqualTensor(take(rows, ids));
    expect(matmul(oneHot(ids, n).mT, take(rows, ids))).toEqualTensor(
      segmentSum(take(rows, ids), ids, n),
    );
  });

  const alongs = shapes({ minRank: 1, maxRank: 3, minLength: 1 })
    .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape), fc.nat(4)))
    .chain(([shape, axis, length]) => {
      const d = axis < 0 ? axis + shape.length : axis;
      const result: Shape = shape.map((n, i) => (i === d ? length : n));
      const at = indicesInto(shape[d] as number, result, device);
      const g = tensors(result, { device });
      return fc.record({ x: tensors(shape, { device }), at, axis: fc.constant(axis), g });
    });
  test.prop([alongs])("⟨takeAlong x, g⟩ = ⟨x, addAlong g⟩", ({ x, at, axis, g }) => {
    const back = addAlongAxis(g, at, x.shape.at(axis) as number, { axis });
    expect(back.shape).toEqual(x.shape);
    expect(inner(takeAlongAxis(x, at, { axis }), g)).toBe(inner(x, back));
  });
});
