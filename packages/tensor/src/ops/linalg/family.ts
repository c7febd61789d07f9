/** @file The ops of linear algebra, one family. What is made of them stands in matrixFunctions.ts. */
export { eigh, qr, svd, svdvals } from "./factors.js";
export { cholesky, det, slogdet, solve, solveTriangular } from "./systems.js";
