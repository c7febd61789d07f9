/** @file Random programs, compiled: a hundred of them. */
import { it } from "vitest";
import { checkPrograms } from "./property.js";

it("random programs give the bits of eager runs", () => checkPrograms(100), 300_000);
