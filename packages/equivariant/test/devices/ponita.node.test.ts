/** @file PONITA in Node, on the WebGPU of the npm package webgpu. */
import { describeNodeGpu } from "@isograd/testkit/nodeGpu";
import { lawsTests } from "./lawsTests.js";
import { ponitaTests } from "./ponitaTests.js";

await describeNodeGpu(() => {
  ponitaTests();
  lawsTests();
});
