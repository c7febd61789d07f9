/** @file What only the host can compute: ops without a kernel that can be recorded. */
import type { Runtime } from "@isograd/tensor/cpu";
import { bytesOf, type Operand, release, Storage, sizeOf } from "@isograd/tensor/engine";
import type { Host, Place } from "./steps.js";
import { homeDevice } from "./trace.js";

/** Computes an instruction on the device, and puts its results where they belong. */
export function compute(rt: Runtime, step: Host, address: (p: Place) => number): void {
  const { instruction, operands, results } = step;
  const device = homeDevice();
  const blocks = operands.map((own): Operand => {
    const { shape, dtype, strides } = own;
    const capacity = own.block.bytes / bytesOf(dtype);
    const storage = new Storage(device, dtype, capacity, address(own), null);
    return { shape, dtype, strides, size: sizeOf(shape), storage };
  });
  const specs = results.map(({ spec }) => spec);
  const made = device.run(instruction.op, blocks, instruction.attrs.now, specs, null);
  for (const [i, own] of results.entries()) {
    const storage = made[i] as Storage;
    rt.core.move(address(own), storage.ptr, sizeOf(own.spec.shape) * bytesOf(own.spec.dtype));
    release(storage);
  }
}
