/**
 * @file Which devices exist and which one new tensors go to. Devices start when first asked for.
 */
import { DeviceError, UsageError } from "../base/errors.js";
import { shown } from "../base/options.js";
import type { Device } from "./contract.js";

const CONTRACT = "see HomeDevice and LayeredDevice";
const factories = new Map<string, () => Device>();
const started = new Map<string, Device>();
const state = { current: "cpu" };

/**
 * The device of that name, started if need be; the default device without a name. An error names
 * `op`.
 */
export function getDevice(name: string = state.current, op = "getDevice"): Device {
  const known = started.get(name);
  if (known !== undefined) return known;
  const factory = factories.get(name);
  if (factory === undefined) {
    throw new DeviceError(
      op,
      `there is no device ${shown(name)}`,
      `known devices: ${devices().join(", ")}; "gpu" starts with await init("gpu")`,
    );
  }
  const device = factory();
  started.set(name, device);
  return device;
}

/** Adds a device that starts when it is first asked for. */
export function registerFactory(name: string, create: () => Device): void {
  factories.set(name, create);
}

/** Adds a device of your own, or one that had to be started asynchronously, under its name. */
export function registerDevice(device: Device): void {
  if (typeof device?.name !== "string" || !Array.isArray(device.dtypes)) {
    throw new UsageError("registerDevice", `needs a device, got ${shown(device)}`, CONTRACT);
  }
  started.set(device.name, device);
}

/** Takes a device out again; tensors on it must be gone. */
export function unregisterDevice(name: string): void {
  started.delete(name);
  if (state.current === name) state.current = "cpu";
}

/** Names of the devices that can be asked for. */
export function devices(): string[] {
  return [...new Set([...factories.keys(), ...started.keys()])];
}

/** Devices that have been started, for counters. */
export function startedDevices(): Device[] {
  return [...started.values()];
}

/**
 * Where tensors are made when no device is named. `"cpu"` at first.
 *
 * @throws DeviceError for an unknown name.
 */
export function setDefaultDevice(name: string): void {
  state.current = getDevice(String(name), "setDefaultDevice").name;
}

/** Name of the default device. */
export function defaultDevice(): string {
  return state.current;
}
