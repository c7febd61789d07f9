/** @file Blocks of device memory and who holds them. Knows neither handles nor ops. */
import { bytesOf, type DType } from "../base/dtype.js";
import { DeviceError, type IsogradError } from "../base/errors.js";
import { formatShape, type Shape, sizeOf } from "../base/shape.js";
import type { Storage as Block, Device } from "./contract.js";

/** A block of device memory and the number of its holders: handles, views and tape nodes. */
export class Storage implements Block {
  holders = 1;
  bound = 0;
  declare readonly device: Device;
  declare readonly dtype: DType;
  declare readonly size: number;
  declare readonly ptr: number;
  declare readonly data: unknown;

  constructor(device: Device, dtype: DType, size: number, ptr: number, data: unknown) {
    this.device = device;
    this.dtype = dtype;
    this.size = size;
    this.ptr = ptr;
    this.data = data;
  }
}

/** No tensor is larger, where its device does not say less. */
const MOST_BYTES = 2 ** 33;

/** The number of elements of a shape; throws when a device cannot hold them. */
export function roomOn(
  op: string,
  shape: Shape,
  dtype: DType,
  { maxBytes = MOST_BYTES }: Pick<Device, "maxBytes">,
  Refusal: typeof IsogradError = DeviceError,
): number {
  const size = sizeOf(shape);
  const bytes = size * bytesOf(dtype);
  if (bytes <= maxBytes) return size;
  const [asked, most] = [bytes, maxBytes].map((n) => `${(n / 2 ** 30).toFixed(1)} GiB`);
  throw new Refusal(
    op,
    `${formatShape(shape)} of ${dtype} takes ${asked}, more than ${most}: out of memory`,
    "work in smaller pieces",
  );
}

/** One holder more. */
export function retain(storage: Block): Block {
  storage.holders++;
  return storage;
}

/** One holder less; the last one frees the block. */
export function release(storage: Block): void {
  if (--storage.holders === 0) storage.device.release(storage);
}
