/** @file Every op of the registry in Node, on the WebGPU of the npm package webgpu. */
import { describeNodeGpu } from "@isograd/testkit/nodeGpu";
import { opTests } from "./opTests.js";

await describeNodeGpu(() => void opTests());
