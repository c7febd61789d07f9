/** @file The same tests on the reference and on the CPU with each of its two builds of the kernels. */
import { init } from "@isograd/tensor";
import { afterAll, beforeAll, describe } from "vitest";

/**
 * One `describe` for the reference, one for the CPU with fused multiply-add (where the engine has it) and one without.
 *
 * @example
 * forEachBuild((device) => {
 *   it("adds", () => expect(ones([2], { device }).add(1)).toEqualTensor([2, 2]));
 * });
 */
export function forEachBuild(tests: (device: string) => void): void {
  describe("reference", () => tests("reference"));
  for (const [name, deterministic] of [
    ["cpu, fused build", false],
    ["cpu, plain build", true],
  ] as const) {
    describe(name, () => {
      beforeAll(async () => void (await init({ deterministic })));
      afterAll(async () => void (await init()));
      tests("cpu");
    });
  }
}
