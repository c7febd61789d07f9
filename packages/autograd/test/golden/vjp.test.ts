/**
 * @file Every rule against the vector-Jacobian products of PyTorch, in float64 and float32, on each
 * device.
 */
import {
  type FloatDType,
  forEachDevice,
  golden,
  goldenFamilies,
  goldenTitle,
} from "@isograd/testkit";
import { describe, it } from "vitest";
import { checkVjp } from "./checkVjp.js";

forEachDevice(["reference", "cpu"], (device) => {
  describe.each<FloatDType>(["float64", "float32"])("%s", (dtype) => {
    for (const family of goldenFamilies) {
      const cases = golden(family).filter(
        ({ vjp, only = dtype }) => only === dtype && vjp?.some((v) => v !== null),
      );
      describe.skipIf(cases.length === 0)(family, () => {
        for (const test of cases) {
          it(goldenTitle(test), () => checkVjp(test, dtype, device));
        }
      });
    }
  });
});
