/** @file What the tests of all packages share. */
export {
  anyTensor,
  axesOf,
  axisOf,
  broadcastable,
  indicesInto,
  orderOf,
  type ShapeLimits,
  shapes,
  tensors,
} from "./arbitraries.js";
export { faultsOf, type Goods, methodFaultsOf } from "./badCalls.js";
export { forEachBuild, forEachCpuBuild } from "./builds.js";
export { firstDifference, type Tolerance, type Values, valuesOf } from "./closeness.js";
export { forEachDevice } from "./devices.js";
export {
  type FloatDType,
  type GoldenCase,
  type GoldenFamily,
  type GoldenTensor,
  golden,
  goldenArgs,
  goldenFamilies,
  goldenFunctions,
  goldenResults,
  goldenTensor,
  goldenTitle,
  type RangeGolden,
  rangeGolden,
} from "./golden.js";
export { installMatchers, type TensorMatchers } from "./matchers.js";
export type { Case } from "./samples/case.js";
export { allSamples, runSample, type Sample, samplesOf } from "./samples.js";
