/**
 * @file The GPU device in headless Chromium: all kernels in both modes of GPU.js against the
 * reference device. `npm test -- gpu` runs the formulas of all elementwise ops.
 */
import { different } from "../gpu/cases.js";
import { deviceTests } from "../gpu/deviceTests.js";

deviceTests(different);
