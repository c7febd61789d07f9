/**
 * @file For those who extend the engine: ops and kernels of their own, devices, recorders, trees,
 * memory by hand. Programs that only compute need none of it. Root names are not repeated here.
 */
import "./devices.js";
import "./methods.js";

// Shapes and dtypes.
export { bytesOf, isFloat, makeArray, viewArray } from "../base/dtype.js";
export { Changes, type Memory, Past, Remembered } from "../base/past.js";
export {
  broadcastStrides,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  ownList,
  ownLists,
  reducedShape,
  shapesEqual,
  sizeOf,
} from "../base/shape.js";
// Ops: written down, run, and what they are checked against.
export { apply, applyMany, perSample } from "../core/apply.js";
// What sees ops as they run, and what changes beside them.
export { setRecorder, setWatcher } from "../core/context.js";
// Rules: derivatives that say what they read.
// Devices and their kernels.
export type {
  AnyRule,
  Arrival,
  Device,
  DeviceMemory,
  Donated,
  GpuKernelMaker,
  GpuKernelText,
  Handle,
  HomeDevice,
  Inputs,
  Layer,
  LayeredDevice,
  Op,
  Operand,
  OpFunction,
  OpKernels,
  Recorded,
  Recorder,
  Rule,
  RuleOfMany,
  RuleOfOne,
  Samples,
  Send,
  SendMany,
  Spec,
  View,
  ViewsOf,
  Watcher,
} from "../core/contract.js";
// Memory: handles, storages and scopes by hand.
export { fromTypedArray } from "../core/creation.js";
export { expectLive, expectTensor, kindOf } from "../core/expect.js";
export {
  deviceOf,
  dropNode,
  fromStorage,
  handleOf,
  nodeOf,
  realize,
  setNode,
  share,
  slotOf,
  storageOf,
} from "../core/handle.js";
export { defineForeignOp as defineOp, withOp } from "../core/op.js";
export { getDevice, registerDevice, unregisterDevice } from "../core/registry.js";
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
// Trees of tensors.
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
  type Path,
  parameterBoxes,
  rebuiltFrom,
  recordOf,
  visitTree,
  type Walk,
} from "../core/tree.js";
export { type CpuKernel, FALLBACK, over } from "../devices/cpu/opKernel.js";
export { runReference } from "../devices/reference/device.js";
export { originalOf } from "../ops/define/named.js";
export { safeScale } from "../ops/deviation.js";
export { commonFamilies, type OpNames, type OpOf } from "../ops/families.js";
// Ops that no one calls in everyday programs: derivatives, steps of optimisers, transposes.
export { dft, realDft, realDftTransposed } from "../ops/fft/dft.js";
export { cumulativeArgmax } from "../ops/index/running.js";
export { maxAlongAxis, setAlongAxis } from "../ops/index/scatter.js";
export { standardizeGrad } from "../ops/normalize/standardize.js";
export { allOps, families } from "../ops/registry.js";
export { place } from "../ops/shape/slicing.js";
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
export {
  accumulate,
  adamUpdate,
  type Donating,
  lerpUpdate,
  sgdUpdate,
} from "../ops/update.js";
export { type FoldAttrs, fold, type UnfoldAttrs, unfold } from "../ops/window/unfold.js";
