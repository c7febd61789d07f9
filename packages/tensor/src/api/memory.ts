/** @file Counters of memory, and starting the library by hand. */
import { noMore } from "../base/options.js";
import { startedDevices } from "../core/registry.js";
import { liveHandles } from "../core/scope.js";

/** What `memory()` tells. */
export interface MemoryInfo {
  /** Tensor handles that have been neither disposed nor collected. */
  readonly tensors: number;
  /** Bytes that tensors occupy, on all devices. */
  readonly bytes: number;
  /** By device: bytes in use, and bytes taken from the system. */
  readonly devices: Readonly<Record<string, { readonly bytes: number; readonly reserved: number }>>;
}

/**
 * Tensors and bytes alive now. A loop is leak-free when these numbers stay the same.
 *
 * @example
 * typeof memory().tensors; // number
 */
export function memory(...surplus: []): MemoryInfo {
  noMore("memory", surplus);
  const devices = Object.fromEntries(startedDevices().map((d) => [d.name, d.memory()]));
  const bytes = Object.values(devices).reduce((sum, d) => sum + d.bytes, 0);
  return { tensors: liveHandles(), bytes, devices };
}
