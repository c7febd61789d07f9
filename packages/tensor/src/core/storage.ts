/** @file Blocks of device memory and who holds them. Knows neither handles nor ops. */
import type { DType } from "../base/dtype.js";
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

/** One holder more. */
export function retain(storage: Block): Block {
  storage.holders++;
  return storage;
}

/** One holder less; the last one frees the block. */
export function release(storage: Block): void {
  if (--storage.holders === 0) storage.device.release(storage);
}
