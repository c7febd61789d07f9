/** @file Registers the devices that every program has. Runs when it is imported. */
import { registerFactory } from "../core/registry.js";
import { createCpuDevice } from "../devices/cpu/device.js";
import { createReferenceDevice } from "../devices/reference/device.js";

registerFactory("cpu", createCpuDevice);
registerFactory("reference", createReferenceDevice);
