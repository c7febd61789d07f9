/** @file The ops of linear algebra, one family. @internal */
export { cholesky } from "./cholesky.js";
export { det, slogdet } from "./determinants.js";
export { eigh, qr, svd, svdvals } from "./factors.js";
export { solve, solveTriangular } from "./systems.js";
