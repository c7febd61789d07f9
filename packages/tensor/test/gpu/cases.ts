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

const elementwise = elementwiseCases();

/** Elementwise ops by their formulas: they find their places in one way. */
export const alike: readonly Case[] = elementwise.slice(4);

/** All other comparisons, and a few that stand for those. */
export const different: readonly Case[] = [
  ...elementwise.slice(0, 4),
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

/** All comparisons. */
export const cases: readonly Case[] = [...alike, ...different];
