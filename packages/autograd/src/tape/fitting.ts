/** @file Makes cotangents and tangents fit what they belong to: shape, dtype and device. */
import { cast, DeviceError, GradientError, sum, type Tensor } from "@isograd/tensor";
import { deviceOf, formatShape, isFloat, type Spec, shapesEqual } from "@isograd/tensor/engine";

/**
 * Undoes broadcasting and promotion, for all ops: sums over the axes along which `to` was
 * stretched, and casts to its dtype.
 */
export function unbroadcast(g: Tensor, to: Spec, op: string): Tensor {
  if (g.dtype === to.dtype && shapesEqual(g.shape, to.shape)) return g;
  expectFloats(op, "cotangent", g);
  // The sum runs in the wider of the two dtypes.
  const widens = to.dtype === "float64" && g.dtype !== to.dtype;
  const total = unstretched(widens ? cast(g, to.dtype) : g, to, op);
  return total.dtype === to.dtype ? total : cast(total, to.dtype);
}

function unstretched(g: Tensor, to: Spec, op: string): Tensor {
  if (shapesEqual(g.shape, to.shape)) return g;
  const lead = g.shape.length - to.shape.length;
  const fits = lead >= 0 && to.shape.every((n, i) => n === 1 || n === g.shape[i + lead]);
  if (!fits) {
    throw new GradientError(
      op,
      `the rule gives a cotangent of shape ${formatShape(g.shape)} ` +
        `for an input of shape ${formatShape(to.shape)}`,
      "return one tensor per input, of its shape",
    );
  }
  const axes: number[] = [];
  for (let k = 0; k < g.shape.length; k++) {
    if (k < lead || (to.shape[k - lead] === 1 && g.shape[k] !== 1)) axes.push(k);
  }
  const total = sum(g, { axis: axes, keepdims: axes.length > lead });
  return shapesEqual(total.shape, to.shape) ? total : total.reshape(to.shape);
}

/**
 * A cotangent or tangent that the user gave, cast to the dtype of the tensor that it belongs to.
 *
 * @throws GradientError for another shape, or a dtype that is no float; DeviceError for another
 * device.
 */
export function fitting(op: string, what: "cotangent" | "tangent", g: Tensor, to: Tensor): Tensor {
  if (!shapesEqual(g.shape, to.shape)) {
    throw new GradientError(
      op,
      `a ${what} of shape ${formatShape(g.shape)} for a value of shape ${formatShape(to.shape)}`,
      `give a ${what} of the same shape`,
    );
  }
  expectFloats(op, what, g);
  checkDevice(op, what, g, to);
  return g.dtype === to.dtype || !isFloat(to.dtype) ? g : cast(g, to.dtype);
}

function expectFloats(op: string, what: string, { dtype }: Tensor): void {
  if (isFloat(dtype)) return;
  throw new GradientError(op, `a ${what} of ${dtype}`, "it must be of floats: cast it");
}

/** @throws DeviceError when `g` lives on another device than what it belongs to. */
export function checkDevice(op: string, what: string, g: Tensor, beside: Tensor): void {
  const [at, wanted] = [deviceOf(g), deviceOf(beside)];
  if ((at.over?.home ?? at) === (wanted.over?.home ?? wanted)) return;
  throw new DeviceError(
    op,
    `a ${what} on ${at.name} for a value on ${wanted.name}`,
    `move it: await x.to("${wanted.name}")`,
  );
}
