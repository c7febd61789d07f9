/** @file Laws of Fourier transforms at random lengths, and the refusals. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import * as t from "../../src/api/index.js";

const F = { dtype: "float64" } as const;
const numbers = (n: number): fc.Arbitrary<t.Tensor> =>
  fc
    .array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: n, maxLength: n })
    .map((v) => t.tensor(Float64Array.from(v)));
/** Lengths with small factors, with long ones, and with both. */
const length = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(256, 360, 509, 1000));
const real = length.chain(numbers);
const pair = length.chain((n) => fc.record({ re: numbers(n), im: numbers(n) }));
/** Short ones, where the definition costs n² cosines. */
const short = fc.oneof(fc.integer({ min: 1, max: 120 }), fc.constantFrom(128, 180, 251));
const shortPair = short.chain((n) => fc.record({ re: numbers(n), im: numbers(n) }));
const two = length.chain((n) => fc.tuple(numbers(n), numbers(n)));

const far = (a: t.Tensor, b: t.Tensor): number => a.sub(b).abs().max().item();
const farPair = (a: t.Complex, b: t.Complex): number => Math.max(far(a.re, b.re), far(a.im, b.im));
const times = (a: t.Complex, b: t.Complex): t.Complex => ({
  re: a.re.mul(b.re).sub(a.im.mul(b.im)),
  im: a.re.mul(b.im).add(a.im.mul(b.re)),
});
const power = ({ re, im }: t.Complex): number => re.square().add(im.square()).sum().item();

function defined(x: t.Complex): void {
  const n = x.re.size;
  const turns = t
    .arange(n, F)
    .mul(t.arange(n, F).reshape([n, 1]))
    .mod(n);
  const angle = turns.mul((-2 * Math.PI) / n);
  const matrix = { re: angle.cos(), im: angle.sin() };
  const product = times(matrix, x);
  const sums = { re: product.re.sum({ axis: 1 }), im: product.im.sum({ axis: 1 }) };
  expect(farPair(t.fft(x), sums)).toBeLessThan(1e-13 * (n + 10));
}

describe("one axis", () => {
  test.prop([pair])("ifft undoes fft", (x) => {
    expect(farPair(t.ifft(t.fft(x)), x)).toBeLessThan(1e-13);
  });

  test.prop([shortPair], { numRuns: 30 })("fft is the sum of its definition", defined);

  it.each([256, 360, 509, 1000])("fft is the sum of its definition, at length %i", (n) => {
    const random = t.rng(n, F);
    defined({ re: random.normal([n]), im: random.normal([n]) });
  });

  test.prop([pair, fc.constantFrom("ortho" as const)])("ortho keeps lengths", (x, norm) => {
    const before = power(x);
    expect(Math.abs(power(t.fft(x, { norm })) - before)).toBeLessThan(1e-13 * (1 + before));
  });

  test.prop([two])(
    "a product of transforms is the transform of a circular convolution",
    ([a, b]) => {
      const n = a.size;
      const [x, y] = [a, b].map((v) => v.dataSync());
      const direct = Float64Array.from({ length: n }, (_, k) => {
        let sum = 0;
        for (let j = 0; j < n; j++) sum += Number(x?.[j]) * Number(y?.[(k - j + n) % n]);
        return sum;
      });
      const fast = t.ifft(times(t.fft(a), t.fft(b)));
      expect(far(fast.re, t.tensor(direct))).toBeLessThan(1e-13 * (n + 10));
      expect(fast.im.abs().max().item()).toBeLessThan(1e-13 * (n + 10));
    },
  );

  test.prop([real])("rfft is the half of fft, and irfft undoes it", (x) => {
    const whole = t.fft(x);
    const bins = Math.floor(x.size / 2) + 1;
    const half = { re: whole.re.slice([[0, bins]]), im: whole.im.slice([[0, bins]]) };
    expect(farPair(t.rfft(x), half)).toBeLessThan(1e-12);
    expect(far(t.irfft(half, { n: x.size }), x)).toBeLessThan(1e-13);
  });

  test.prop([real])("hfft undoes ihfft", (x) => {
    expect(far(t.hfft(t.ihfft(x), { n: x.size }), x)).toBeLessThan(1e-12);
  });

  test.prop([real])("ifftshift undoes fftshift", (x) => {
    expect(far(t.ifftshift(t.fftshift(x)), x)).toBe(0);
  });

  it.each([2 ** 17, 3 ** 10, 10_007])("%i numbers come back", (n) => {
    const x = { re: t.rng(1).normal([n], F), im: t.rng(2).normal([n], F) };
    const there = t.fft(x);
    expect(farPair(t.ifft(there), x)).toBeLessThan(2e-14);
    expect(Math.abs(power(there) / n / power(x) - 1)).toBeLessThan(1e-13);
  });

  it("computes float32 in float64, so that the result is the nearest float32", () => {
    const x = t.rng(3).normal([1000]);
    const exact = t.fft(x.cast("float64"));
    const single = t.fft(x);
    expect(single.re.dtype).toBe("float32");
    expect(farPair({ re: exact.re.cast("float32"), im: exact.im.cast("float32") }, single)).toBe(0);
  });

  it("sends NaN everywhere, and nothing else", () => {
    expect(
      t
        .fft(t.tensor([1, Number.NaN, 0]))
        .re.isNaN()
        .all()
        .item(),
    ).toBe(1);
    expect(
      t
        .fft(
          t.tensor([
            [1, Number.NaN],
            [1, 0],
          ]),
        )
        .re.isNaN()
        .toArray(),
    ).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});

describe("several axes", () => {
  const grid = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .chain(([m, n]) => numbers(m * n).map((x) => x.reshape([m, n])));

  test.prop([grid])("fft2 is one axis after the other", (x) => {
    const rows = t.fft(x);
    expect(farPair(t.fft2(x), t.fft(rows, { axis: 0 }))).toBeLessThan(1e-12);
  });

  test.prop([grid])("irfftn undoes rfftn", (x) => {
    expect(far(t.irfftn(t.rfftn(x), { s: x.shape }), x)).toBeLessThan(1e-13);
  });

  test.prop([grid])("ifftn undoes fftn", (x) => {
    expect(far(t.ifftn(t.fftn(x)).re, x)).toBeLessThan(1e-13);
  });
});

describe("refusals", () => {
  const x = t.ones([4]);
  it.each([
    [
      "parts of two shapes",
      () => t.fft({ re: x, im: t.ones([3]) }),
      /fft: the real part is \[4\], the imaginary one \[3\]/,
    ],
    ["no length", () => t.fft(x, { n: 0 }), /fft: cannot transform 0 numbers/],
    ["half a length", () => t.rfft(x, { n: 2.5 }), /rfft: cannot transform 2.5 numbers/],
    ["an empty axis", () => t.fft(t.zeros([0])), /fft: cannot transform 0 numbers/],
    [
      "one number into a real tensor",
      () => t.irfft(t.ones([1])),
      /irfft: cannot transform 0 numbers/,
    ],
    ["an axis that is not there", () => t.ifft(x, { axis: 1 }), /ifft: axis 1 is out of range/],
    [
      "an axis twice",
      () => t.fftn(t.ones([2, 2]), { axes: [0, -2] }),
      /fftn: axis 0 of \[2, 2\] is given twice in \[0, -2\]/,
    ],
    [
      "a length too many",
      () => t.rfftn(x, { s: [2, 2], axes: [0] }),
      /rfftn: 2 lengths are given for 1 axes/,
    ],
    ["an unknown norm", () => t.fft(x, { norm: "l2" as never }), /fft: there is no norm "l2"/],
    [
      "a pair where a real tensor belongs",
      () => t.rfft({ re: x, im: x } as never),
      /rfft: takes real numbers/,
    ],
    ["a list", () => t.fft([1, 2] as never), /fft: got object/],
    ["no samples", () => t.fftfreq(0), /fftfreq: cannot make frequencies of n = 0/],
    ["a shift of an axis that is not there", () => t.fftshift(x, { axes: 2 }), /fftshift: axis 2/],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
