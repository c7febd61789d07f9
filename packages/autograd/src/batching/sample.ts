/** @file Samples of vmap as tensors: each has, as its memory, the tensor of all samples. */
import { Tensor } from "@isograd/tensor";
import { type Device, Storage } from "@isograd/tensor/engine";

/** The tensor of all samples behind a sample of vmap; null for other tensors. */
export function samplesBehind(x: Tensor): Tensor | null {
  const { device, data } = x.storage;
  return device.over !== undefined && data instanceof Tensor ? data : null;
}

/** Memory of a sample on `device`, which takes over the handle `all`. */
export function memoryOf(device: Device, all: Tensor): Storage {
  return new Storage(device, all.dtype, all.size, 0, all);
}
