/**
 * @file Formulas of elementwise ops at ordinary and at special numbers, in both modes of GPU.js in
 * headless Chromium, against the reference device.
 */
import { alike } from "../gpu/cases.js";
import { deviceTests } from "../gpu/deviceTests.js";

deviceTests(alike);
