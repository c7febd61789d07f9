/**
 * @file What packages that extend the engine need: the door, the op registry, recorders, scopes,
 * devices.
 */
export { fromTypedArray } from "./creation.js";
export { type CpuKernel, FALLBACK } from "./devices/cpu/table.js";
export type { Device, DeviceMemory, Spec, View } from "./devices/device.js";
export { runReference, runReferenceMany } from "./devices/reference/device.js";
export { getDevice, registerDevice, unregisterDevice } from "./devices/registry.js";
export { bytesOf, isFloat, makeArray, viewArray } from "./dtype.js";
export {
  closeScope,
  dropNode,
  isUnclaimed,
  keepAll,
  madeSince,
  markKept,
  openScope,
  type Recorded,
  release,
  retain,
  Storage,
  scopeDepth,
  unscoped,
} from "./memory.js";
export {
  apply,
  applyMany,
  contiguous,
  contiguousOp,
  defineForeignOp as defineOp,
  expectLive,
  expectTensor,
  type Inputs,
  kindOf,
  type Op,
  type OpFunction,
  perSample,
  type Recorder,
  type Samples,
  setRecorder,
  setWatcher,
  withOp,
} from "./op.js";
export { safeScale } from "./ops/compositions.js";
export { type FoldAttrs, fold, type UnfoldAttrs, unfold } from "./ops/convolution.js";
export { commonFamilies, type OpNames, type OpOf } from "./ops/families.js";
export { dft, realDft, realDftTransposed } from "./ops/fourier.js";
export { addAlongAxis } from "./ops/indexing.js";
export { place } from "./ops/movement.js";
export { standardize, standardizeGrad } from "./ops/normalize.js";
export { allOps, families } from "./ops/registry.js";
export { cumulativeArgmax, maxAlongAxis, setAlongAxis } from "./ops/scatter.js";
export {
  geluGrad,
  geluTanhGrad,
  logSoftmaxGrad,
  reluGrad,
  sigmoidGrad,
  siluGrad,
  softmaxGrad,
  tanhGrad,
} from "./ops/slopes.js";
export { accumulate, adamUpdate, type Donating, lerpUpdate, sgdUpdate } from "./ops/update.js";
export { Changes, type Memory, Past, Remembered } from "./past.js";
export {
  type AnyRule,
  fromBoth,
  fromInputs,
  fromInputsMany,
  fromOut,
  fromOuts,
  linear,
  linearMany,
  Reads,
  type Rule,
  type Send,
} from "./rule.js";
export {
  broadcastStrides,
  contiguousStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  ownList,
  ownLists,
  reducedShape,
  type Shape,
  shapesEqual,
  sizeOf,
} from "./shape.js";
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
  treeChildren,
  visitTree,
  type Walk,
} from "./tree.js";
