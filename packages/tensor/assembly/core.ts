/** @file Entry of the kernels that are the same in both builds: no multiply-add. */
export { setScratch } from "./lib/scratch";
export { broadcast } from "./elementwise/broadcast";
export * from "./elementwise/binary";
export * from "./elementwise/scalar";
export * from "./elementwise/compare";
export * from "./elementwise/unary";
export { sum, sumSquares, variance } from "./reduce/sum";
export { sumBool, sumF64, sumI32 } from "./reduce/scalar";
export { argmax, argmin, foldMax, foldMin, foldProd } from "./reduce/extremes";
export { cumulativeSum } from "./reduce/cumulative";
export { castBoolF32, castF32Bool, castF32I32, castI32F32, where } from "./elementwise/where";
export { clear, copy1, copy4, copy8, fillBool, fillF32, fillF64, fillI32, move } from "./movement/copy";
export { foldF32, foldF64 } from "./movement/fold";
export { checkIndices, oneHot, take, takeAlong } from "./indexing/gather";
export { collectNarrow, collectWide, roundF64, spreadNarrow, spreadWide } from "./indexing/groups";
export { addAlong, addAt, addAtExact, addAtF64 } from "./indexing/scatter";
export { adam, axpy, lerp, momentum } from "./optim/step";
export { gemmF64 } from "./gemm/gemm64";
