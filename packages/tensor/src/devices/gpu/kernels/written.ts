/** @file Kernels that users wrote: their text over flat arrays, with the threads that it counts on. */
import type { Op } from "../../../op.js";
import { type Shape, sizeOf } from "../../../shape.js";
import type { Block } from "../backend.js";
import { checkExact, divide } from "../source.js";
import type { Kernel } from "./kernel.js";

/** Statements that find the thread's place in a result of this shape: `x_`, `y_` and `z_`. */
function placesIn(op: string, shape: Shape): string {
  checkExact(op, sizeOf(shape));
  const [nx = 1, ny = 1] = [...shape].reverse();
  return `let k_ = this.thread.x;\n${divide("k_", nx, "q_", "x_")}${divide("q_", ny, "z_", "y_")}`;
}

/** The kernel of an op that brings its text. */
export function written(make: NonNullable<Op["gpuKernel"]>): Kernel {
  return (kit, { op, inputs, attrs, spec }) => {
    const { parameters, body } = make(inputs, attrs, spec);
    const places = /\bthis\.thread\b/.test(body) ? placesIn(op, spec.shape) : "";
    const text = body.replace(/\bthis\.thread\.([xyz])\b/g, "$1_");
    const arrays: Record<string, Block> = {};
    inputs.forEach((x, i) => {
      arrays[parameters[i] as string] = x.block;
    });
    return kit.launch({ op, body: places + text, output: sizeOf(spec.shape), arrays });
  };
}
