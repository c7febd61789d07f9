/**
 * @file Sliding windows: unfold reads one element for each of its result, fold sums over the
 * windows that contain it.
 */
import { sizeOf } from "../../../base/shape.js";
import type { families } from "../../../nets/registry.js";
import { windowCount } from "../../../nets/window/windows.js";
import { checkExact, divide } from "../gpujs/source.js";
import type { KernelFor, KernelsFor } from "./kernel.js";

type Convolution = typeof families.convolution;

/** Statements that split the flat index of this thread: `r0` is the place on the innermost axis. */
function split(lengths: readonly number[]): string {
  const lines = lengths.map((n, i) => divide(`k${i}`, n, `k${i + 1}`, `r${i}`));
  return `whole k0 = this.thread.x;\n${lines.join("")}`;
}

const unfold: KernelFor<Convolution["unfold"]> = (kit, { op, inputs: [x], attrs, spec }) => {
  const { windows, value } = attrs;
  const [v, h] = windows;
  const [height, width] = x.shape.slice(2) as [number, number];
  const [, , , , rows, columns] = spec.shape as [number, number, number, number, number, number];
  const body = `${split([columns, rows, h.kernel, v.kernel])}
    whole y = r1 * ${v.stride} + r3 * ${v.dilation} - ${v.before};
    whole z = r0 * ${h.stride} + r2 * ${h.dilation} - ${h.before};
    if (y < 0.0 || y >= ${height} || z < 0.0 || z >= ${width}) { return value; }
    return a[(k4 * ${height} + y) * ${width} + z];`;
  const arrays = { a: x.block };
  return kit.launch({ op, body, output: sizeOf(spec.shape), arrays, numbers: { value } });
};

const fold: KernelFor<Convolution["fold"]> = (kit, { op, inputs: [x], attrs, spec }) => {
  const { windows, size } = attrs;
  const [v, h] = windows;
  const [height, width] = size;
  const [rows, columns] = [windowCount(height, v), windowCount(width, h)];
  checkExact(op, Math.max(height, width) + v.before + h.before, spec.shape);
  // place i of a window is this element when y = row · stride + i · dilation − before, row whole
  const inside = [
    `r * ${v.stride} === y && c * ${h.stride} === z`,
    `r >= 0.0 && c >= 0.0 && r < ${rows} && c < ${columns}`,
  ].join(" && ");
  const window = `((k2 * ${v.kernel} + i) * ${h.kernel} + j)`;
  const at = `(${window} * ${rows} + whole(r)) * ${columns} + whole(c)`;
  const body = `${split([width, height])}
    let sum = 0.0;
    for (let i = 0; i < ${v.kernel}; i++) {
      const y = r1 + ${v.before} - i * ${v.dilation};
      const r = Math.floor(y / ${v.stride} + 0.25 / ${v.stride});
      for (let j = 0; j < ${h.kernel}; j++) {
        const z = r0 + ${h.before} - j * ${h.dilation};
        const c = Math.floor(z / ${h.stride} + 0.25 / ${h.stride});
        if (${inside}) {
          sum = sum + a[${at}];
        }
      }
    }
    return sum;`;
  return kit.launch({ op, body, output: sizeOf(spec.shape), arrays: { a: x.block } });
};

/** Kernels of contiguous operands. */
export const convolution: KernelsFor<Convolution> = { unfold, fold };
