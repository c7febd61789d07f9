/** @file Public names of @isograd/gpart. */
export { Adapter, type AdapterParts, type ForwardOf } from "./adapters/adapter.js";
export { type DeltaMap, deltaMap } from "./adapters/deltaMap.js";
export { type AdapterFiles, loadAdapter, saveAdapter } from "./adapters/files.js";
export { type FullOptions, fullFineTune } from "./adapters/fullFineTune.js";
export { type GPartOptions, gpart } from "./adapters/gpart.js";
export { type LoraOptions, lora } from "./adapters/lora.js";
export type { AdapterOptions, Json, Method, MethodName } from "./adapters/method.js";
export type { Target, TargetModules } from "./adapters/targets.js";
export { type UniLoraOptions, uniLora } from "./adapters/uniLora.js";
export { type Distortion, type DistortionOptions, distortion } from "./distortion.js";
export { type PartitionOptions, type Scheme, schemes } from "./partition/options.js";
export { type Partition, partition } from "./partition/partition.js";
export { project, projectTranspose } from "./project.js";
