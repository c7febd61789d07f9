/** @file Random programs, compiled: two hundred of them. */
import { it } from "vitest";
import { checkPrograms } from "./property.js";

it("random programs give the bits of eager runs", () => checkPrograms(200), 300_000);
