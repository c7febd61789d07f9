/** @file Sums at places on the GPU, sorted and atomic: values and gradients as on the reference. */
import {
  add,
  addAlongAxis,
  indexAdd,
  memory,
  ones,
  scope,
  segmentSum,
  type Tensor,
  take,
  takeAlongAxis,
  tensor,
} from "@isograd/tensor";

import { expect, test } from "vitest";
import { grad } from "../../src/index.js";

/** Fixed numbers of both signs. */
function numbers(shape: readonly number[], device: string, seed = 0): Tensor {
  const size = shape.reduce((n, m) => n * m, 1);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + seed));
  return tensor(values, { shape, device });
}

/** Gives each of `count` values a place. */
type Way = (count: number, places: number) => number[];
const list = (count: number, of: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => of(i));

const WAYS: Readonly<Record<string, Way>> = {
  "all over": (count, places) => list(count, (i) => (i * 7919 + 3) % places),
  "in runs": (count, places) => list(count, (i) => Math.floor((i * places) / count)),
  "all to one place": (count, places) => list(count, () => places - 1),
};

/** One sum: the shape of the values, the axis, the number of places. */
interface Sizes {
  readonly shape: readonly number[];
  readonly axis: number;
  readonly places: number;
}

const SIZES: readonly Sizes[] = [
  { shape: [1], axis: 0, places: 1 },
  { shape: [1000], axis: 0, places: 7 },
  { shape: [37, 5], axis: 0, places: 11 },
  { shape: [3, 41, 4], axis: 1, places: 9 },
  { shape: [6, 50], axis: 1, places: 60 },
  { shape: [150_001], axis: 0, places: 100 }, // each thread takes several values in a row
  { shape: [2, 9_001, 8], axis: 1, places: 31 },
];

interface Setting extends Sizes {
  readonly device: string;
  /** Indices along the axis, from which the indices of all values are made. */
  readonly indices: readonly number[];
  /** Whether an op on the device makes them, so that the host does not know them. */
  readonly made: boolean;
}

/** Indices as a tensor: uploaded from the host, or made by an op on the device. */
function indicesFor(
  { device, made }: Setting,
  values: readonly number[],
  shape: readonly number[],
) {
  const x = tensor(Int32Array.from(values), { shape, dtype: "int32", device });
  return made ? add(x, tensor(0, { dtype: "int32", device })) : x;
}

const length = ({ shape, axis }: Sizes) => shape[axis] as number;
const withAxis = ({ shape, axis }: Sizes, n: number) => shape.map((m, i) => (i === axis ? n : m));

/** Sums of each kind, and gradients that are sums. */
function results(setting: Setting): Record<string, Tensor> {
  const { shape, axis, places, device, indices } = setting;
  const at = indicesFor(setting, indices, [length(setting)]);
  const x = numbers(shape, device, 1);
  const whole = numbers(withAxis(setting, places), device, 2);
  const inner = shape.slice(axis + 1).reduce((n, m) => n * m, 1);
  const own = list(x.size, (k) => indices[(Math.floor(k / inner) + k) % indices.length] as number);
  const each = indicesFor(setting, own, shape);
  const turned = list(length(setting), (i) => (i + 1) % length(setting));
  const inside = indices.every((i) => i >= 0 && i < places);
  return {
    segmentSum: segmentSum(x, at, places, { axis }),
    indexAdd: indexAdd(whole, at, x, { axis }),
    "indexAdd to itself": indexAdd(x, indicesFor(setting, turned, [length(setting)]), x, { axis }),
    addAlongAxis: addAlongAxis(x, each, places, { axis }),
    "the gradient of take": grad((w: Tensor) => take(w, at, { axis }).mul(x).sum())(whole),
    "the gradient of takeAlongAxis": grad((w: Tensor) =>
      takeAlongAxis(w, each, { axis }).mul(x).sum(),
    )(whole),
    ...(inside && {
      "a second derivative": grad((g: Tensor) =>
        segmentSum(g, at, places, { axis }).square().sum(),
      )(x),
    }),
  };
}

/** Sums of `n` terms of about 1 each, in float32 and in any order. */
const allowed = (n: number): number => 1e-5 + 2 ** -24 * n;

async function expectSame(setting: Omit<Setting, "device">): Promise<void> {
  const before = memory().tensors;
  const wanted = scope(() => results({ ...setting, device: "reference" }));
  const got = scope(() => results({ ...setting, device: "gpu" }));
  for (const [name, want] of Object.entries(wanted)) {
    const have = got[name] as Tensor;
    expect([name, have.dtype, ...have.shape]).toEqual([name, want.dtype, ...want.shape]);
    const values = await have.data();
    const most = allowed(length(setting));
    let worst = 0;
    for (const [k, v] of want.dataSync().entries()) {
      worst = Math.max(worst, Math.abs((values[k] as number) - Number(v)));
    }
    expect(worst, name).toBeLessThanOrEqual(most);
  }
  for (const y of [...Object.values(wanted), ...Object.values(got)]) y.dispose();
  // At most: the garbage collector may free tensors of earlier tests.
  expect(memory().tensors).toBeLessThanOrEqual(before);
}

/** All combinations of sizes, methods, and origins of the indices. */
export function scatterTests(): void {
  const known = [false, true].flatMap((made) =>
    SIZES.flatMap((sizes) => Object.entries(WAYS).map(([way, of]) => ({ sizes, way, of, made }))),
  );
  // sorted, each place reads all indices if the host does not know them: too slow in software
  const cases = known.filter(({ sizes, made }) => !made || length(sizes) < 2000);
  test.each(
    cases.map((c) => [`${c.sizes.shape} along ${c.sizes.axis} ${c.way}`, c.made, c] as const),
  )("%s, indices made there: %s", async (_, made, { sizes, of }) => {
    const indices = of(length(sizes), sizes.places);
    await expectSame({ ...sizes, indices, made });
  });

  test("int32 is exact", async () => {
    const make = (device: string) => {
      const values = Int32Array.from({ length: 4000 }, (_, i) => (i % 3) * 1000 - 7);
      const x = tensor(values, { shape: [2000, 2], dtype: "int32", device });
      const at = tensor(
        Int32Array.from({ length: 2000 }, (_, i) => (i * i) % 13),
        { dtype: "int32", device },
      );
      const base = tensor(
        Int32Array.from({ length: 26 }, (_, i) => i),
        { shape: [13, 2], dtype: "int32", device },
      );
      return [segmentSum(x, at, 13), indexAdd(base, at, x)];
    };
    const [wanted, got] = [make("reference"), make("gpu")];
    for (const [i, want] of wanted.entries()) {
      expect(got[i]?.dtype).toBe("int32");
      expect([...((await got[i]?.data()) ?? [])]).toEqual([...want.dataSync()]);
    }
  });

  test("what has no elements adds nothing", async () => {
    const none = tensor(new Float32Array(0), { shape: [0, 2], device: "gpu" });
    const nowhere = tensor(new Int32Array(0), { dtype: "int32", device: "gpu" });
    const x = numbers([3, 2], "gpu");
    expect([...(await segmentSum(none, nowhere, 3).data())]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...(await indexAdd(x, nowhere, none).data())]).toEqual([...(await x.data())]);
    expect(segmentSum(none, nowhere, 0).shape).toEqual([0, 2]);
  });

  test("values whose index made there is no place are left out; the host's are refused", async () => {
    const at = tensor(Int32Array.from([-1, 0, 3, 2, -70000, 2 ** 24]), {
      dtype: "int32",
      device: "gpu",
    });
    const x = tensor([1, 2, 4, 8, 16, 32], { device: "gpu" });
    const made = add(at, tensor(0, { dtype: "int32", device: "gpu" }));
    expect([...(await segmentSum(x, made, 3).data())]).toEqual([2, 0, 8]);
    expect([...(await indexAdd(ones([3], { device: "gpu" }), made, x).data())]).toEqual([3, 1, 10]); // −1: the end
    expect([...(await addAlongAxis(x, made, 3).data())]).toEqual([2, 0, 9]);
    const slopes = grad((w: Tensor) => take(w, made).sum())(ones([3], { device: "gpu" }));
    expect([...(await slopes.data())]).toEqual([1, 0, 2]);
    expect(() => segmentSum(x, at, 3)).toThrow(
      "segmentSum: index -70000 (number 4 of the indices) is outside of [0, 3)",
    );
  });

  test("more places than indices can count are refused", () => {
    const at = tensor([0, 1], { dtype: "int32", device: "gpu" });
    const x = tensor([1, 2], { device: "gpu" });
    expect(() => segmentSum(x, at, 2 ** 24 + 1)).toThrow(
      /^segmentSum: 16777217 elements are more than the 16777216 that GPU kernels .*\n {2}help: split/,
    );
  });

  test("infinities and NaN reach their places and no others", async () => {
    const at = tensor(Int32Array.from([0, 1, 2, 0, 3, 1]), { dtype: "int32", device: "gpu" });
    const x = tensor([1, Infinity, NaN, 2, -Infinity, 5], { device: "gpu" });
    expect([...(await segmentSum(x, at, 5).data())]).toEqual([3, Infinity, NaN, -Infinity, 0]);
  });
}
