/**
 * @file For those who extend the engine: ops and kernels of their own, devices, recorders, trees,
 * memory by hand. Programs that only compute need none of it, and it may change with every version.
 * Root names are not repeated here.
 *
 * @see [Ops of your own](/guide/custom-ops)
 */
import "./devices.js";
import "./methods.js";

// Ops: plain objects; `apply` checks the operands, runs the op on their device and records it.

export { given, noMore, type Synonyms, shown, unknownOption } from "../base/options.js";
export { apply, applyMany, opened, perSample } from "../core/apply.js";
export type {
  Donated,
  Inputs,
  Op,
  OpFunction,
  OpKernels,
  Samples,
  Spec,
  View,
  ViewsOf,
} from "../core/contract.js";
export { expectFunction, expectLive, expectSync, expectTensor, kindOf } from "../core/expect.js";
export { defineForeignOp as defineOp, withOp } from "../core/op.js";
export { originalOf } from "../ops/define/named.js";

// Rules: the derivative of an op. The helper it is written with says what it reads.

export type { AnyRule, Rule, RuleOfMany, RuleOfOne, Send, SendMany } from "../core/contract.js";
export {
  fromBoth,
  fromInputs,
  fromInputsMany,
  fromOut,
  fromOuts,
  linear,
  linearMany,
  Reads,
} from "../core/rule.js";

// Families: all ops of the library by the names of their files, for tables that must be complete.

export { allOps, families } from "../nets/registry.js";
export { commonFamilies, type OpNames, type OpOf, opsOf } from "../ops/families.js";

// Devices: what runs ops. One that has no kernel for an op runs the op's plain TypeScript.

export type {
  Arrival,
  Device,
  DeviceMemory,
  HomeDevice,
  Layer,
  LayeredDevice,
  Operand,
} from "../core/contract.js";
export { getDevice, registerDevice, unregisterDevice } from "../core/registry.js";
export { runReference } from "../devices/reference/device.js";

// Kernels: what an op may bring along, on the CPU over its heap, on the GPU as text.

export type { GpuKernelMaker, GpuKernelText } from "../core/contract.js";
export { type CpuKernel, FALLBACK, over } from "../devices/cpu/opKernel.js";

// Recorders and watchers: a recorder keeps what gradients need, a watcher sees every op that runs.

export { currentRecorder, setRecorder, setWatcher } from "../core/context.js";
export type { Recorded, Recorder, Watcher } from "../core/contract.js";

// Tracers: write a program down while a function runs, and hear of what the host does beside ops.

export {
  beforeCapture,
  changing,
  currentTracer,
  eachRun,
  isDevelopment,
  setTracer,
} from "../core/context.js";
export type { Tracer } from "../core/contract.js";

// Handles: the engine's side of a tensor, which has the storage, the strides and the tape's node.

export type { Handle } from "../core/contract.js";
export { fromTypedArray } from "../core/creation.js";
export {
  deviceOf,
  dropNode,
  fromStorage,
  handleOf,
  nodeOf,
  realize,
  sampleLevel,
  setNode,
  share,
  slotOf,
  storageOf,
} from "../core/handle.js";
export { isLending, lentFor, setLent } from "../core/lent.js";

// Memory: scopes that open and close by hand, and storages that count who uses them.

export {
  closeScope,
  isUnclaimed,
  keepAll,
  madeSince,
  markKept,
  openScope,
  releaseNode,
  scopeDepth,
  unscoped,
} from "../core/scope.js";
export { release, retain, Storage } from "../core/storage.js";

// Past: what changes beside the ops, such as a generator, and is put back for a second run.

export {
  Changes,
  type FlagReader,
  type Memory,
  mayGoBack,
  Past,
  Remembered,
  seeingFlags,
} from "../base/past.js";

// Trees: arrays, maps, objects and modules that contain tensors, and the one walk through them.

export {
  type Box,
  type Children,
  childAt,
  childrenOf,
  forEachTensor,
  type HasParameters,
  hasParameters,
  isPlain,
  isTensor,
  mapTree,
  ownOf,
  type Path,
  parameterBoxes,
  rebuiltFrom,
  recordOf,
  visitTree,
  type Walk,
} from "../core/tree.js";

// Shapes and dtypes: pure arithmetic, with the errors that users see.

export { bytesOf, isFloat, makeArray, viewArray } from "../base/dtype.js";
export {
  broadcastStrides,
  contiguousStrides,
  formatShape,
  neededStrides,
  normalizeAxes,
  normalizeAxis,
  ownList,
  ownLists,
  reducedShape,
  shapesEqual,
  sizeOf,
} from "../base/shape.js";

// Slopes: derivatives as ops of their own, in one pass over memory. Rules are made of them.

export { standardizeGrad } from "../nets/standardize.js";
export {
  geluGrad,
  geluTanhGrad,
  logSoftmaxGrad,
  reluGrad,
  sigmoidGrad,
  siluGrad,
  softmaxGrad,
  tanhGrad,
} from "../ops/slopes.js";

// Inner ops: those below public functions, such as transforms of rows and sliding windows.

export { fold, unfold } from "../nets/window/unfold.js";
export type { FoldAttrs, UnfoldAttrs } from "../nets/window/windows.js";
export { safeScale } from "../ops/deviation.js";
export { dft, realDft, realDftTransposed } from "../ops/fft/dft.js";
export { cumulativeArgmax } from "../ops/index/running.js";
export { maxAlongAxis, setAlongAxis } from "../ops/index/scatter.js";
export { place } from "../ops/shape/slicing.js";

// Random numbers: tensors of what a generator gives, drawn anew by each run of a captured program.

export { drawn } from "../random/source.js";

// Files: the checksum of zip archives, for other files too.

export { crc32 } from "../io/crc32.js";

// Updates: steps of optimisers, which write over an operand that the caller gives away.

export { adamUpdate, type Donating, lerpUpdate, sgdUpdate } from "../nets/update.js";
export { accumulate } from "../ops/accumulate.js";
