/** @file Every comparison of the GPU device with the reference. */
import type { Case } from "./case.js";
import { comparing } from "./comparing.js";
import { elementwiseCases } from "./elementwise.js";
import { fusing } from "./fusing.js";
import { moving, placing } from "./moving.js";
import { ordering } from "./ordering.js";
import { products, reducing } from "./reducing.js";
import { empty, normalizing, updating } from "./rows.js";
import { transforming } from "./transforming.js";
import { windows } from "./windows.js";

/** All comparisons. */
export const cases: readonly Case[] = [
  ...elementwiseCases(),
  ...comparing,
  ...reducing,
  ...products,
  ...moving,
  ...placing,
  ...ordering,
  ...windows,
  ...transforming,
  ...fusing,
  ...normalizing,
  ...updating,
  ...empty,
];
