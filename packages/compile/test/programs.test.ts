/** @file Random programs, compiled: a thousand over all ops, and some over large tensors. */
import { allOps } from "@isograd/tensor/engine";
import { expect, it } from "vitest";
import { checkPrograms } from "./property.js";
import { checkRandom } from "./random/agree.js";
import { used } from "./random/program.js";

it("random programs over all ops give the bits of eager runs", () => {
  checkRandom(1000, 1);
  expect([...used.keys()].sort()).toEqual([...allOps().keys()].sort());
}, 300_000);

it("random programs of many steps on large tensors do so too", () => checkPrograms(60), 300_000);
