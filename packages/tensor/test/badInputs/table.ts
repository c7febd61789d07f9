/** @file What a bad call is: the call, the error that it meets, and what the error says. */
import * as t from "../../src/api/index.js";

export interface BadCall {
  readonly call: () => unknown;
  readonly error: abstract new (...args: never[]) => t.IsogradError;
  /** Part of the problem as told: shapes in full, for errors about shapes. */
  readonly says: string;
  /** The public function that is called, where it bears another name than the op. */
  readonly as?: string;
}

/** Bad calls by name of the op. */
export type Table = Readonly<Record<string, readonly BadCall[]>>;

/** What no type lets through. */
export const wrong = (x: unknown): never => x as never;

export const x23 = t.ones([2, 3]);
export const x45 = t.ones([4, 5]);
export const vector = t.ones([3]);
export const number = t.ones([]);
export const none = t.zeros([0, 3]);
export const whole = t.tensor([1, 2, 3], { dtype: "int32" });
export const there = t.ones([2, 3], { device: "reference" });

/** A tensor that is gone. */
export function gone(): t.Tensor {
  const x = t.ones([2, 3]);
  x.dispose();
  return x;
}

const shape = (call: () => unknown, says: string): BadCall => ({ call, error: t.ShapeError, says });
const dtype = (call: () => unknown, says: string): BadCall => ({ call, error: t.DTypeError, says });
const usage = (call: () => unknown, says: string): BadCall => ({ call, error: t.UsageError, says });
const device = (call: () => unknown): BadCall => ({
  call,
  error: t.DeviceError,
  says: "operands are on two devices: cpu and reference",
});

/** Bad calls by the class of the error that they meet. */
export const bad = { shape, dtype, usage, device };

/** No tensor where there should be one: a list, nothing, text. */
export function noTensor(call: (x: never) => unknown): BadCall[] {
  return [
    dtype(() => call(wrong([1, 2])), "needs a tensor, got an array"),
    dtype(() => call(wrong(undefined)), "needs a tensor, got undefined"),
    dtype(() => call(wrong("x")), "needs a tensor, got a string"),
  ];
}

/** An axis out of range, between two, and not a number, of a tensor [2, 3]. */
export function badAxis(call: (axis: never) => unknown): BadCall[] {
  return [
    shape(() => call(wrong(2)), "axis 2 is out of range for [2, 3]"),
    shape(() => call(wrong(-3)), "axis -3 is out of range for [2, 3]"),
    shape(() => call(wrong(0.5)), "axis 0.5 of [2, 3] is no whole number"),
    shape(() => call(wrong("0")), 'axis "0" of [2, 3] is no whole number'),
  ];
}
