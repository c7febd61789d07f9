/** @file The same tests on several devices. */
import { devices } from "@isograd/tensor";
import { describe } from "vitest";

/**
 * One `describe` for each device, named after it; devices that are missing show up as skipped.
 *
 * @example
 * forEachDevice(["cpu", "reference"], (device) => {
 *   it("adds", () => expect(ones([2], { device }).add(1)).toEqualTensor([2, 2]));
 * });
 */
export function forEachDevice(names: readonly string[], tests: (device: string) => void): void {
  const known = devices();
  for (const name of names) {
    if (known.includes(name)) describe(name, () => tests(name));
    else describe.skip(name, () => tests(name));
  }
}
