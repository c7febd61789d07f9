/** @file Laws of windows, convolutions and pooling, their errors, and the cpu device beside the reference. */
import {
  avgPool1d,
  avgPool2d,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  DTypeError,
  maxPool1d,
  maxPool2d,
  memory,
  ones,
  rmsNorm,
  rng,
  ShapeError,
  type Tensor,
  tensor,
} from "@isograd/tensor";
import { fold, unfold } from "@isograd/tensor/engine";
import { forEachDevice, installMatchers } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

installMatchers();

const axis = (kernel: number, stride: number, dilation: number, before: number, after: number) => ({
  kernel,
  stride,
  dilation,
  before,
  after,
});
const LAYOUTS = [
  { x: [2, 3, 9, 17], windows: [axis(3, 1, 1, 1, 1), axis(3, 1, 1, 1, 1)] },
  { x: [1, 2, 12, 21], windows: [axis(3, 2, 1, 0, 1), axis(5, 2, 1, 2, 2)] },
  { x: [3, 1, 8, 10], windows: [axis(2, 1, 3, 0, 0), axis(4, 3, 2, 1, 0)] },
  { x: [1, 5, 1, 33], windows: [axis(1, 1, 1, 0, 0), axis(7, 1, 1, 3, 3)] },
] as const;

forEachDevice(["cpu", "reference"], (device) => {
  it.each(["float32", "float64"] as const)("⟨u, unfold x⟩ = ⟨fold u, x⟩ in %s", (dtype) => {
    for (const { x: shape, windows } of LAYOUTS) {
      const random = rng(1, { dtype: "float64", device });
      const x = random.normal(shape).cast(dtype);
      const laid = unfold(x, { windows, value: 0 });
      const u = random.normal(laid.shape).cast(dtype);
      const back = fold(u, { windows, size: [shape[2], shape[3]] });
      const [left, right] = [u.mul(laid).sum().item(), back.mul(x).sum().item()];
      expect(left).toBeCloseTo(right, dtype === "float32" ? 2 : 10);
    }
  });

  it("an identity kernel changes nothing; groups are convolutions of their own", () => {
    const random = rng(2, { dtype: "float64", device });
    const x = random.normal([2, 4, 6, 5]);
    const eye = tensor([0, 0, 0, 0, 1, 0, 0, 0, 0], {
      shape: [1, 1, 3, 3],
      dtype: "float64",
      device,
    });
    const same = conv2d(x, eye.broadcastTo([4, 1, 3, 3]), undefined, {
      groups: 4,
      padding: "same",
    });
    expect(same).toEqualTensor(x);
    const w = random.normal([6, 2, 3, 2]);
    const both = [0, 1].map((g) =>
      conv2d(x.slice([null, [2 * g, 2 * g + 2]]), w.slice([[3 * g, 3 * g + 3]])),
    ) as [Tensor, Tensor];
    const grouped = conv2d(x, w, undefined, { groups: 2 });
    expect(grouped.slice([null, [0, 3]])).toBeCloseToTensor(both[0]);
    expect(grouped.slice([null, [3, 6]])).toBeCloseToTensor(both[1]);
  });

  it("gives back all but the result", () => {
    const [x, w, b] = [
      ones([2, 3, 8, 8], { device }),
      ones([4, 3, 3, 3], { device }),
      ones([4], { device }),
    ];
    const back = ones([3, 4, 3, 3], { device });
    const before = memory().bytes;
    conv2d(x, w, b, { padding: 1 }).dispose();
    maxPool2d(x, 2, { padding: 1 }).dispose();
    avgPool2d(x, 2, { padding: 1, countIncludePad: false }).dispose();
    convTranspose2d(x, back, b, { stride: 2, padding: 1 }).dispose();
    expect(memory().bytes).toBe(before);
  });
});

it("the cpu agrees with the reference in float32", () => {
  for (const { x: shape, windows } of LAYOUTS) {
    const values = rng(3).normal(shape).dataSync();
    const [a, b] = ["cpu", "reference"].map((device) => {
      const laid = unfold(tensor(values, { shape, device }), { windows, value: -1 });
      return [laid, fold(laid, { windows, size: [shape[2], shape[3]] })];
    }) as [[Tensor, Tensor], [Tensor, Tensor]];
    expect(a[0]).toEqualTensor(b[0]);
    expect(a[1]).toBeCloseToTensor(b[1], { rtol: 2e-6, atol: 2e-6 });
  }
});

describe("errors", () => {
  const x = ones([1, 4, 5, 5]);
  const says = (
    run: () => unknown,
    what: RegExp,
    type: typeof ShapeError | typeof DTypeError = ShapeError,
  ) => {
    expect(run).toThrow(type);
    expect(run).toThrow(what);
  };
  it("of channels, groups, bias and rank", () => {
    says(
      () => conv2d(x, ones([2, 3, 3, 3])),
      /^conv2d: 4 channels do not fit weight \[2, 3, 3, 3\]/,
    );
    says(() => conv2d(x, ones([3, 2, 3, 3]), undefined, { groups: 2 }), /in 2 groups/);
    says(() => conv2d(x, ones([2, 4, 3, 3]), ones([3])), /bias is \[3\], expected \[2\]/);
    says(() => conv1d(x, ones([2, 4, 3])), /^conv1d: x is \[1, 4, 5, 5\], weight \[2, 4, 3\]/);
    says(() => convTranspose2d(x, ones([3, 2, 3, 3])), /^convTranspose2d: 4 channels/);
  });
  it("of kernels, strides and padding", () => {
    says(() => conv2d(x, ones([2, 4, 6, 3])), /a window of 6 does not fit into the 5 \+ 0 places/);
    says(() => conv2d(x, ones([2, 4, 3, 3]), undefined, { stride: 0 }), /stride is 0/);
    says(
      () => conv2d(x, ones([2, 4, 3, 3]), undefined, { padding: [1, 1, 1] }),
      /padding is \[1,1,1\]/,
    );
    says(
      () => conv2d(x, ones([2, 4, 3, 3]), undefined, { padding: "same", stride: 2 }),
      /"same" needs/,
    );
    says(
      () => convTranspose1d(ones([1, 1, 3]), ones([1, 1, 2]), undefined, { outputPadding: 1 }),
      /outputPadding 1/,
    );
    says(() => maxPool2d(x, 2, { padding: 2 }), /more than half of the kernel/);
    says(() => avgPool1d(x, 2), /^avgPool1d: x is \[1, 4, 5, 5\]/);
    says(
      () => maxPool1d(tensor([[1, 2]], { dtype: "int32" }), 2),
      /needs floats, got int32/,
      DTypeError,
    );
  });
  it("of what is no tensor", () => {
    says(() => conv2d([1] as never, x), /^conv2d: needs a tensor, got an array/, DTypeError);
    says(() => conv1d(x, undefined as never), /^conv1d: needs a tensor, got undef/, DTypeError);
    says(() => maxPool2d(3 as never, 2), /^maxPool2d: needs a tensor, got a number/, DTypeError);
    says(() => rmsNorm([1] as never), /^rmsNorm: needs a tensor/, DTypeError);
  });
  it("of the ops themselves", () => {
    const windows = [axis(2, 1, 1, 0, 0), axis(2, 1, 1, 0, 0)] as const;
    says(() => unfold(ones([3, 3]), { windows, value: 0 }), /^unfold: needs \[n, channels/);
    says(
      () => fold(ones([1, 1, 2, 2, 3, 3]), { windows, size: [3, 3] }),
      /are not the windows of \[3, 3\]/,
    );
  });
});

it("NaN and infinities pass through maxPool as through max", () => {
  const x = tensor([[[1, Number.NaN, -Infinity, -Infinity]]]);
  expect(maxPool1d(x, 2).toArray()).toEqual([[[Number.NaN, -Infinity]]]);
});
