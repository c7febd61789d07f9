import * as t from "@isograd/tensor";
import {
  loadNpy,
  loadNpz,
  loadSafetensors,
  saveNpy,
  saveNpz,
  saveSafetensors,
} from "@isograd/tensor/io";
import { afterAll, describe, expect, it } from "vitest";

afterAll(() => t.init());

const x = t.tensor([
  [1, 2],
  [3, 4],
]);
const v = t.tensor([1, 2]);
const at = t.tensor([0, 1], { dtype: "int32" });
const image = t.ones([1, 1, 4, 4]);
const kernel = t.ones([1, 1, 2, 2]);

/** What a call written as in another library says, its types apart. */
function refusal(call: () => unknown): string {
  let message = "nothing";
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(t.UsageError);
    message = (error as Error).message;
  }
  return message;
}

/** A function as JavaScript sees it. */
const js = (f: unknown) => f as (...args: unknown[]) => unknown;
const method = (object: object, name: string) => {
  const f = Reflect.get(object, name) as () => unknown;
  return (...args: unknown[]) => Reflect.apply(f, object, args);
};

describe("arguments as NumPy, the array API and PyTorch take them", () => {
  const random = t.rng(0);
  it.each<[string, () => unknown, string]>([
    ["sum(x, 0)", () => js(t.sum)(x, 0), "write { axis: 0 }; options: axis, keepdims, dtype"],
    ["x.sum(0)", () => method(x, "sum")(0), "write { axis: 0 }; options: axis, keepdims, dtype"],
    [
      "sum(x, 0, true)",
      () => js(t.sum)(x, 0, true),
      "write { axis: 0 }; options: axis, keepdims, dtype",
    ],
    [
      "max(x, [0, 1])",
      () => js(t.max)(x, [0, 1]),
      "write { axis: [0, 1] }; options: axis, keepdims",
    ],
    ["std(x, 0)", () => js(t.std)(x, 0), "write { axis: 0 }; options: axis, correction, keepdims"],
    ["softmax(x, 0)", () => js(t.softmax)(x, 0), "write { axis: 0 }; options: axis"],
    ["concat([x, x], 1)", () => js(t.concat)([x, x], 1), "write { axis: 1 }; options: axis"],
    ["stack([x, x], 1)", () => js(t.stack)([x, x], 1), "write { axis: 1 }; options: axis"],
    ["split(x, 2, 1)", () => js(t.split)(x, 2, 1), "write { axis: 1 }; options: axis"],
    ["flip(x, 0)", () => js(t.flip)(x, 0), "write { axis: 0 }; options: axis"],
    ["roll(x, 1, 0)", () => js(t.roll)(x, 1, 0), "write { axis: 0 }; options: axis"],
    ["repeat(x, 2, 0)", () => js(t.repeat)(x, 2, 0), "write { axis: 0 }; options: axis"],
    ["take(x, at, 1)", () => js(t.take)(x, at, 1), "write { axis: 1 }; options: axis, fromEnd"],
    ["argsort(x, 0)", () => js(t.argsort)(x, 0), "write { axis: 0 }; options: axis, descending"],
    ["topK(x, 1, 0)", () => js(t.topK)(x, 1, 0), "write { axis: 0 }; options: axis, largest"],
    [
      "cumulativeSum(x, 0)",
      () => js(t.cumulativeSum)(x, 0),
      "write { axis: 0 }; options: axis, includeInitial, dtype",
    ],
    ["diff(x, 2)", () => js(t.diff)(x, 2), "write { n: 2 }; options: n, axis, prepend, append"],
    ["tril(x, 1)", () => js(t.tril)(x, 1), "write { k: 1 }; options: k"],
    ["diagonal(x, 1)", () => js(t.diagonal)(x, 1), "write { offset: 1 }; options: offset"],
    ["tensordot(x, x, 1)", () => js(t.tensordot)(x, x, 1), "write { axes: 1 }; options: axes"],
    [
      "vectorNorm(x, 1)",
      () => js(t.vectorNorm)(x, 1),
      "write { ord: 1 }; options: ord, axis, keepdims",
    ],
    [
      'matrixNorm(x, "nuc")',
      () => js(t.matrixNorm)(x, "nuc"),
      'write { ord: "nuc" }; options: ord, keepdims',
    ],
    [
      'qr(x, "complete")',
      () => js(t.qr)(x, "complete"),
      'write { mode: "complete" }; options: mode',
    ],
    [
      "svd(x, false)",
      () => js(t.svd)(x, false),
      "write { fullMatrices: false }; options: fullMatrices",
    ],
    [
      'searchsorted(v, v, "right")',
      () => js(t.searchsorted)(v, v, "right"),
      'write { side: "right" }; options: side, sorter',
    ],
    ["fft(v, 4)", () => js(t.fft)(v, 4), "write { n: 4 }; options: n, axis, norm"],
    ["fftfreq(4, 0.5)", () => js(t.fftfreq)(4, 0.5), "write { d: 0.5 }; options: d, dtype, device"],
    [
      "layerNorm(x, v, v, 1e-6)",
      () => js(t.layerNorm)(x, v, v, 1e-6),
      "write { eps: 0.000001 }; options: eps",
    ],
    [
      "conv2d(image, kernel, undefined, 2)",
      () => js(t.conv2d)(image, kernel, undefined, 2),
      "write { stride: 2 }; options: stride, padding, dilation, groups",
    ],
    [
      "maxPool2d(image, 2, 2)",
      () => js(t.maxPool2d)(image, 2, 2),
      "write { stride: 2 }; options: stride, padding, dilation",
    ],
    [
      "interpolate(image, 8)",
      () => js(t.interpolate)(image, 8),
      "write { size: 8 }; options: size, scaleFactor, mode, alignCorners",
    ],
    [
      "tensor([1, 2], [2, 1])",
      () => js(t.tensor)([1, 2], [2, 1]),
      "write { shape: [2, 1] }; options: shape, dtype, device",
    ],
    [
      'tensor([1], "int32")',
      () => js(t.tensor)([1], "int32"),
      'write { dtype: "int32" }; options: shape, dtype, device',
    ],
    [
      'zeros([2], "int32")',
      () => js(t.zeros)([2], "int32"),
      'write { dtype: "int32" }; options: dtype, device',
    ],
    [
      'arange(3, "float32")',
      () => js(t.arange)(3, "float32"),
      'write { dtype: "float32" }; options: dtype, device',
    ],
    [
      "linspace(0, 1, 5, false)",
      () => js(t.linspace)(0, 1, 5, false),
      "write { endpoint: false }; options: endpoint, dtype, device",
    ],
    ["eye(2, 2, 1)", () => js(t.eye)(2, 2, 1), "write { k: 1 }; options: k, dtype, device"],
    [
      "rng.normal([3], 0, 5)",
      () => method(random, "normal")([3], 0, 5),
      "write { mean: 0 }; options: mean, std, dtype, device",
    ],
    [
      "rng.uniform([3], -1, 1)",
      () => method(random, "uniform")([3], -1, 1),
      "write { low: -1 }; options: low, high, dtype, device",
    ],
    [
      "rng.integers([3], 10)",
      () => method(random, "integers")([3], 10),
      "write { high: 10 }; options: high, low, dtype, device",
    ],
    [
      "rng.bernoulli([3], 0.2)",
      () => method(random, "bernoulli")([3], 0.2),
      "write { p: 0.2 }; options: p, dtype, device",
    ],
    [
      "rng.choice(3, 2, true)",
      () => method(random, "choice")(3, 2, true),
      "write { replace: true }; options: replace, dtype, device",
    ],
    [
      "x.toString(2)",
      () => method(x, "toString")(2),
      "write { precision: 2 }; options: precision, threshold, edgeItems, lineWidth",
    ],
    [
      'loadNpy(file, "x")',
      () => js(loadNpy)(saveNpy(x), "x"),
      'write { field: "x" }; options: field, device, int64As',
    ],
    [
      'loadNpz(file, ["x"])',
      () => js(loadNpz)(saveNpz({ x }), ["x"]),
      'write { names: ["x"] }; options: names, device, int64As, maxBytes, field',
    ],
    [
      "saveNpz({ x }, true)",
      () => js(saveNpz)({ x }, true),
      "write { compress: true }; options: compress",
    ],
  ])("%s is refused with our form", (_, call, help) => {
    expect(refusal(call)).toMatch(/: needs an object of options, got .*\n {2}help: /);
    expect(refusal(call).split("help: ")[1]).toBe(help);
  });
});

describe("names of options of other libraries", () => {
  const random = t.rng(0);
  it.each<[string, (options: object) => unknown, object, string]>([
    ["sum", (o) => t.sum(x, o), { dim: 0 }, "axis"],
    ["sum", (o) => t.sum(x, o), { keepDims: true }, "keepdims"],
    ["sum", (o) => t.sum(x, o), { keepdim: true }, "keepdims"],
    ["sum", (o) => x.sum(o), { type: "int32" }, "dtype"],
    ["variance", (o) => t.variance(x, o), { unbiased: true }, "correction"],
    ["std", (o) => t.std(x, o), { ddof: 1 }, "correction"],
    ["argmax", (o) => t.argmax(x, o), { dim: 0 }, "axis"],
    ["softmax", (o) => t.softmax(x, o), { dim: 0 }, "axis"],
    ["flip", (o) => t.flip(x, o), { dims: [0] }, "axis"],
    ["roll", (o) => t.roll(x, 1, o), { dims: 0 }, "axis"],
    ["tensordot", (o) => t.tensordot(x, x, o), { dims: 1 }, "axes"],
    ["unstack", (o) => t.unstack(x, o), { dim: 1 }, "axis"],
    ["cumulativeSum", (o) => t.cumulativeSum(x, o), { include_initial: true }, "includeInitial"],
    ["svd", (o) => t.svd(x, o), { full_matrices: false }, "fullMatrices"],
    ["interpolate", (o) => t.interpolate(image, o), { scale_factor: 2 }, "scaleFactor"],
    [
      "interpolate",
      (o) => t.interpolate(image, o),
      { size: 2, align_corners: true },
      "alignCorners",
    ],
    ["avgPool2d", (o) => t.avgPool2d(image, 2, o), { count_include_pad: false }, "countIncludePad"],
    [
      "convTranspose2d",
      (o) => t.convTranspose2d(image, kernel, undefined, o),
      { output_padding: 1 },
      "outputPadding",
    ],
    ["zeros", (o) => t.zeros([2], o), { type: "int32" }, "dtype"],
    ["tensor", (o) => t.tensor([1], o), { type: "int32" }, "dtype"],
    ["normal", (o) => random.normal([2], o), { stdev: 2 }, "std"],
    ["rng", (o) => t.rng(0, o), { type: "float64" }, "dtype"],
    ["formatTensor", (o) => t.formatTensor(x, o), { linewidth: 60 }, "lineWidth"],
    ["formatTensor", (o) => x.toString(o), { edgeitems: 1 }, "edgeItems"],
    ["saveNpz", (o) => saveNpz({ x }, o), { compressed: true }, "compress"],
    [
      "loadSafetensors",
      (o) => loadSafetensors(saveSafetensors({ x }), o),
      { name: ["x"] },
      "names",
    ],
  ])("%s: %#", (op, call, options, meant) => {
    const message = refusal(() => call(options));
    const name = Object.keys(options).at(-1);
    expect(message.split(";")[0]).toContain(
      `${op}: has no option "${name}"\n  help: did you mean ${meant}? options: `,
    );
  });

  it.each<[string, (options: object) => unknown, object]>([
    ["where of sums, as NumPy has it", (o) => t.sum(x, o), { where: true }],
    ["out", (o) => t.max(x, o), { out: x }],
    ["initial", (o) => t.prod(x, o), { initial: 1 }],
    ["requires_grad", (o) => t.tensor([1], o), { requires_grad: true }],
    ["stable, as the standard has it", (o) => t.sort(x, o), { stable: false }],
    ["a mode of padding", (o) => t.pad(v, [[1, 1]], o), { mode: "reflect" }],
    ["ceil_mode", (o) => t.maxPool2d(image, 2, o), { ceil_mode: true }],
    ["padding_mode", (o) => t.conv2d(image, kernel, undefined, o), { padding_mode: "reflect" }],
    ["hermitian", (o) => t.pinv(x, o), { hermitian: true }],
    ["antialias", (o) => t.interpolate(image, o), { size: 2, antialias: true }],
    ["allow_pickle", (o) => loadNpy(saveNpy(x), o), { allow_pickle: true }],
    ["limits beside min and max", (o) => t.clip(x, o), { min: 0, amax: 1 }],
  ])("refuses %s", (_, call, options) => {
    expect(refusal(() => call(options))).toMatch(/has no option/);
  });

  it("refuses them in init", async () => {
    const refused = [
      [{ thread: 2 }, /did you mean threads\?/],
      [4, /write \{ threads: 4 \}/],
      [[], /needs an object of options/],
    ] as const;
    for (const [options, help] of refused) await expect(js(t.init)(options)).rejects.toThrow(help);
    await expect(js(t.init)("webgpu")).rejects.toThrow('init: "webgpu" is not a device to start');
    await expect(js(t.init)("gpu", { mod: "webgpu" })).rejects.toThrow("did you mean mode?");
    await expect(js(t.init)({}, { threads: 2 })).rejects.toThrow(t.UsageError);
  });
});

describe("values of options", () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      "null for an axis",
      () => js(t.softmax)(x, { axis: null }),
      /axis null of \[2, 2\] is no whole number/,
    ],
    ["null for an axis of sort", () => js(t.sort)(x, { axis: null }), /axis null of \[2, 2\]/],
    [
      "text for an axis",
      () => js(t.sum)(x, { axis: "0" }),
      /axis "0" of \[2, 2\] is no whole number/,
    ],
    [
      "an odd side",
      () => js(t.searchsorted)(v, v, { side: Symbol("s") }),
      /there is no side Symbol\(s\)/,
    ],
    ["an odd dtype", () => js(t.zeros)([2], { dtype: "toString" }), /unknown dtype "toString"/],
    ["an odd device", () => js(t.zeros)([2], { device: 5 }), /there is no device 5/],
    [
      "an odd dtype of a generator",
      () => js(t.rng)(0, { dtype: "float16" }),
      /rng: unknown dtype "float16"/,
    ],
    ["a precision that no text has", () => x.toString({ precision: 101 }), /precision is 101/],
    ["a width that is no number", () => x.toString({ lineWidth: Number.NaN }), /lineWidth is NaN/],
    ["int64As", () => js(loadNpy)(saveNpy(x), { int64As: "int64" }), /int64As is "int64"/],
  ])("%s is refused", (_, call, message) => {
    expect(call).toThrow(message);
    expect(call).toThrow(t.IsogradError);
  });

  it("gives a tensor of a tensor another shape", () => {
    expect(t.tensor(x, { shape: [4] }).toArray()).toEqual([1, 2, 3, 4]);
    expect(() => t.tensor(x, { shape: [3] })).toThrow("4 values do not fill the shape [3]");
  });

  it("takes undefined for each", () => {
    expect(t.sum(x, { axis: undefined, keepdims: undefined, dtype: undefined }).item()).toBe(10);
    expect(x.toString({ precision: undefined, threshold: undefined })).toBe(x.toString());
  });
});
