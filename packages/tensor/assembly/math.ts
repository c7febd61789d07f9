/** @file Entry of the kernels that multiply and add: they run plain, or with relaxed fused multiply-add. */
export { gemm, gemmBatch } from "./gemm/gemm";
export {
  cos, cosh, erf, exp, expm1, gelu, geluGrad, geluTanh, geluTanhGrad, log, log1p, log2, sigmoid, sigmoidGrad, silu,
  siluGrad, sin, sinh, softplus, tan, tanh, tanhGrad,
} from "./elementwise/transcendental";
export { layerNorm, standardize, standardizeGrad } from "./rows/norm";
export { logSoftmax, logSoftmaxGrad, logSumExp, softmax, softmaxGrad } from "./rows/softmax";
