/** @file A sample under vmap: a tensor whose memory is the tensor of all samples. */
import { Tensor } from "@isograd/tensor";
import { type Device, deviceOf, fromStorage, Storage, storageOf } from "@isograd/tensor/engine";

/** The tensor of all samples behind a sample of vmap; null for other tensors. */
export function samplesBehind(x: Tensor): Tensor | null {
  const { device, data } = storageOf(x);
  return device.over !== undefined && data instanceof Tensor ? data : null;
}

/** The memory of a sample on `device`; it takes over the handle `all`. */
export function memoryOf(device: Device, all: Tensor): Storage {
  return new Storage(device, all.dtype, all.size, 0, all);
}

/** A constant sample like `x` whose samples are those of the handle `all`, which it takes over. */
export function overSamples(x: Tensor, all: Tensor, scoped = false): Tensor {
  return fromStorage(x, memoryOf(deviceOf(x), all), "alias", null, scoped);
}
