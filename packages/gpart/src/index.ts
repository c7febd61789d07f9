/**
 * @file Fine-tuning of a model by a few numbers: GPart, which moves all weights by an isometry of d
 * trained numbers, and nine other ways (LoRA, VeRA, FourierFT, a head alone, all weights) with one
 * interface. Use it to adapt a pretrained model, to keep what was learned in a file of kilobytes,
 * and to compare methods with the same number of trained numbers.
 *
 * @example
 * const model = new MLP([2, 16, 1], { rng: rng(0) });
 * const adapter = gpart(model, { d: 8, seed: 1 });
 * [model.parameterCount, adapter.parameterCount]; // [65, 8]
 *
 * @see [Adapting a model: GPart](/guide/gpart)
 * @see [Fine-tuning compared](/guide/experiments)
 */

// Methods: functions from a model and options to an adapter.

export { bitFit } from "./methods/bitFit.js";
export { type DenseOptions, denseProjection } from "./methods/denseProjection.js";
export { type FastfoodOptions, fastfood } from "./methods/fastfood.js";
export { type FourierFtOptions, fourierFt } from "./methods/fourierFt.js";
export { type FullOptions, fullFineTune } from "./methods/fullFineTune.js";
export { type GPartOptions, gpart } from "./methods/gpart.js";
export { headOnly } from "./methods/headOnly.js";
export { type LoraOptions, lora } from "./methods/lora.js";
export type { AdapterOptions, Addition, Json, Method, MethodName } from "./methods/method.js";
export { type TiedLoraOptions, tiedLora } from "./methods/tiedLora.js";
export { type UniLoraOptions, uniLora } from "./methods/uniLora.js";
export { type VbLoraOptions, vbLora } from "./methods/vbLora.js";
export { type VeraOptions, vera } from "./methods/vera.js";

// Adapters: what a method makes. They run, train, merge into the model, and change at run time.

export { Adapter, type AdapterParts } from "./adapters/adapter.js";
export { AdapterSet } from "./adapters/adapterSet.js";
export { type CombineOptions, combineAdapters } from "./adapters/combine.js";
export { type DeltaMap, deltaMap } from "./adapters/deltaMap.js";
export type { ForwardOf } from "./adapters/forward.js";
export { microBatches } from "./adapters/microBatches.js";
export type { Target, TargetModules } from "./adapters/targets.js";

// Files: adapters as safetensors files, and a full fine-tuning made small.

export { type Compressed, compressDelta } from "./adapters/compress.js";
export { type AdapterFiles, type LoadOptions, loadAdapter, saveAdapter } from "./adapters/files.js";

// Partition and projection: which weight belongs to which trained number, and the map between them.

export { type PartitionOptions, type Scheme, schemes } from "./partition/options.js";
export { type Partition, partition } from "./partition/partition.js";
export { project, projectTranspose } from "./project.js";

// Distortion: how much a method stretches lengths on its way to the weights.

export { type Distortion, type DistortionOptions, distortion } from "./distortion.js";
