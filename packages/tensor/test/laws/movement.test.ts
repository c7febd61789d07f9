/** @file Laws of moving elements: round trips, and the shapes that come with them. */
import { fc, test } from "@fast-check/vitest";
import {
  broadcastTo,
  concat,
  expandDims,
  flip,
  moveAxis,
  pad,
  permuteDims,
  reshape,
  roll,
  type Shape,
  slice,
  split,
  squeeze,
  stack,
  type Tensor,
  tile,
} from "@isograd/tensor";
import {
  anyTensor,
  axesOf,
  axisOf,
  forEachDevice,
  installMatchers,
  orderOf,
  shapes,
  tensors,
} from "@isograd/testkit";
import { expect } from "vitest";

installMatchers();

const inverse = (order: readonly number[]): number[] => order.map((_, i) => order.indexOf(i));
const along = (x: Tensor, axis: number): number => (axis < 0 ? axis + x.shape.length : axis);

forEachDevice(["cpu", "reference"], (device) => {
  const any = anyTensor({}, { device });
  const withAxis = anyTensor({ minRank: 1 }, { device }).chain((x) =>
    fc.tuple(fc.constant(x), axisOf(x.shape)),
  );
  const withOrder = any.chain((x) => fc.tuple(fc.constant(x), orderOf(x.shape)));

  test.prop([any])("reshape there and back", (x) => {
    expect(reshape(reshape(x, [x.size]), x.shape)).toEqualTensor(x);
    if (x.size > 0) expect(reshape(x, [-1]).shape).toEqual([x.size]);
  });

  test.prop([withOrder])("permute there and back, also through a reshape", ([x, order]) => {
    const moved = permuteDims(x, order);
    expect(moved.shape).toEqual(order.map((a) => x.shape[a]));
    expect(permuteDims(moved, inverse(order))).toEqualTensor(x);
    const copied = reshape(reshape(moved, [x.size]), moved.shape);
    expect(permuteDims(copied, inverse(order))).toEqualTensor(x);
  });

  test.prop([withOrder, fc.nat()])("two permutations are one", ([x, order], k) => {
    const second = order.map((_, i) => (i + k) % order.length);
    const both = permuteDims(permuteDims(x, order), second);
    expect(both).toEqualTensor(
      permuteDims(
        x,
        second.map((i) => order[i] as number),
      ),
    );
  });

  test.prop([any.chain((x) => fc.tuple(fc.constant(x), axesOf(x.shape)))])(
    "flip twice is nothing",
    ([x, axis]) => {
      expect(flip(flip(x, { axis }), { axis })).toEqualTensor(x);
      const one = axis.reduce((y, a) => flip(y, { axis: a }), x);
      expect(flip(x, { axis })).toEqualTensor(one);
    },
  );

  test.prop([withAxis, fc.array(fc.nat(), { maxLength: 3 })])(
    "concat puts together what split cut",
    ([x, axis], cuts) => {
      const n = x.shape[along(x, axis)] as number;
      const places = [0, ...cuts.map((c) => c % (n + 1)).sort((a, b) => a - b), n];
      const sizes = places.slice(1).map((p, i) => p - (places[i] as number));
      const parts = split(x, sizes, { axis });
      expect(parts.map((p) => p.shape[along(x, axis)])).toEqual(sizes);
      expect(concat(parts, { axis })).toEqualTensor(x);
    },
  );

  test.prop([withAxis])("slices are what they skip over", ([x, axis]) => {
    const at = along(x, axis);
    const n = x.shape[at] as number;
    const pick = (range: number | readonly [number | null, number | null, number]) =>
      slice(
        x,
        x.shape.map((_, i) => (i === at ? range : null)),
      );
    expect(pick([null, null, -1])).toEqualTensor(flip(x, { axis }));
    const [even, odd] = [pick([0, null, 2]), pick([1, null, 2])];
    expect((even.shape[at] as number) + (odd.shape[at] as number)).toBe(n);
    const rows = Array.from({ length: n }, (_, i) => pick(i));
    if (n > 0) expect(stack(rows, { axis: at })).toEqualTensor(x);
  });

  test.prop([any, fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 4, maxLength: 4 })])(
    "slice takes off what pad put on",
    (x, all) => {
      const widths = all.slice(0, x.shape.length);
      const padded = pad(x, widths, { value: 9 });
      const ranges = widths.map(([a], i) => [a, a + (x.shape[i] as number)] as const);
      expect(slice(padded, ranges)).toEqualTensor(x);
      const added = padded.size - x.size;
      expect(Array.from(padded.dataSync()).filter((v) => v === 9).length).toBe(added);
    },
  );

  test.prop([withAxis, fc.integer({ min: -9, max: 9 })])("roll back", ([x, axis], shift) => {
    expect(roll(roll(x, shift, { axis }), -shift, { axis })).toEqualTensor(x);
    const n = x.shape[along(x, axis)] as number;
    if (n > 0) expect(roll(x, shift, { axis })).toEqualTensor(roll(x, shift + n, { axis }));
  });

  test.prop([withAxis, fc.nat()])("move an axis and move it back", ([x, axis], k) => {
    const to = k % x.shape.length;
    expect(moveAxis(moveAxis(x, axis, to), to, along(x, axis))).toEqualTensor(x);
    expect(squeeze(expandDims(x, to), to)).toEqualTensor(x);
  });

  test.prop([withAxis, fc.nat(3)])("tile is concat of copies", ([x, axis], times) => {
    const at = along(x, axis);
    const tiled = tile(
      x,
      x.shape.map((_, i) => (i === at ? times : 1)),
    );
    if (times === 0) expect(tiled.size).toBe(0);
    else expect(tiled).toEqualTensor(concat(new Array<Tensor>(times).fill(x), { axis }));
  });

  test.prop([
    shapes({ maxRank: 3 }).chain((s) => fc.tuple(tensors(s, { device }), fc.constant(s))),
    shapes({ maxRank: 2 }),
  ])("views of views read the right places", ([x, shape], lead) => {
    const spread = broadcastTo(x, [...lead, ...shape] as Shape);
    const order = spread.shape.map((_, i) => spread.shape.length - 1 - i);
    const moved = permuteDims(spread, order);
    const solid = permuteDims(reshape(reshape(moved, [moved.size]), moved.shape), order);
    expect(solid).toEqualTensor(spread);
  });
});
