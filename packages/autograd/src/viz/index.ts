/**
 * @file Pictures of a function alone: the same functions as in `@isograd/autograd`. Graphs come in
 * the languages of Graphviz and Mermaid, and a summary counts the parameters of a model.
 *
 * @example
 * const x = requiresGrad(tensor([1, 2]));
 * toMermaid(x.square().sum()).split("\n")[0]; // flowchart TB
 *
 * @see [Gradients](/guide/autograd)
 */

// Pictures: graphs as text, and tables of modules.

export { type PictureOptions, toDot, toMermaid, traceDot } from "./graph.js";
export { summary } from "./summary.js";
