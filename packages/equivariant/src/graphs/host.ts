/** @file Tensors as host arrays, from which graphs are built. */
import { DeviceError, type Tensor, UsageError } from "@isograd/tensor";

/** The values of a tensor, or null if its device has no synchronous reads. */
export function valuesOf(x: Tensor): ArrayLike<number> | null {
  try {
    return x.dataSync();
  } catch (error) {
    if (error instanceof DeviceError) return null;
    throw error;
  }
}

/** The values of a tensor. @throws UsageError if its device has no synchronous reads. */
export function readable(op: string, name: string, x: Tensor): ArrayLike<number> {
  const found = valuesOf(x);
  if (found !== null) return found;
  throw new UsageError(
    op,
    `${name} lie on ${x.device}, which cannot be read at once`,
    'build graphs on the CPU: await x.to("cpu")',
  );
}
