/** @file Public names of @isograd/autograd/viz. */
export { toDot, toMermaid, traceDot } from "./graph.js";
