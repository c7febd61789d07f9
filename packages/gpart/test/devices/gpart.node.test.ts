/** @file GPart in Node, on the WebGPU of the npm package webgpu. */
import { describeNodeGpu } from "@isograd/testkit/nodeGpu";
import { gpartTests } from "./gpartTests.js";

await describeNodeGpu(gpartTests);
