/** @file Random programs, compiled: as many as ISOGRAD_PROGRAMS says; default: 1,000. */
import { it } from "vitest";
import { checkPrograms } from "./property.js";

const COUNT = Number(process.env["ISOGRAD_PROGRAMS"] ?? 1000);

it(
  "many random programs give the bits of eager runs",
  () => checkPrograms(COUNT),
  COUNT * 3000 + 60_000,
);
