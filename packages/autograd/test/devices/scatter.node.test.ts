/** @file Sums at places in Node, on the WebGPU of the npm package webgpu: sorted and atomic. */
import { describeNodeGpu } from "@isograd/testkit/nodeGpu";
import { scatterTests } from "./scatterTests.js";

await describeNodeGpu(scatterTests);
await describeNodeGpu(scatterTests, { scatter: "atomic" });
