/** @file Public names of @isograd/autograd/viz. */
export { type PictureOptions, toDot, toMermaid, traceDot } from "./graph.js";
export { summary } from "./summary.js";
