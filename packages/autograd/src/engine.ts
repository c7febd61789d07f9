/**
 * @file The tape, for packages that run functions in ways of their own: recording, nodes, depths.
 * It may change with every version.
 */
export {
  type Isolated,
  isolate,
  pullEach,
  reaches,
  setGrad,
} from "./tape/isolated.js";
export { recording, records } from "./tape/modes.js";
export { newestNode } from "./tape/node.js";
export { atDepth, nestingDepth } from "./transforms/region.js";
