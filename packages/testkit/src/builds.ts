/** @file The same tests with each of the CPU's two builds of kernels, and on the reference. */
import { init } from "@isograd/tensor";
import { afterAll, beforeAll, describe } from "vitest";

/**
 * One `describe` for the CPU with fused multiply-add (where the engine has it), one without.
 *
 * @example
 * forEachCpuBuild(() => {
 *   it("adds", () => expect(ones([2], { device: "cpu" }).add(1)).toEqualTensor([2, 2]));
 * });
 */
export function forEachCpuBuild(tests: () => void): void {
  for (const [name, deterministic] of [
    ["cpu, fused build", false],
    ["cpu, plain build", true],
  ] as const) {
    describe(name, () => {
      beforeAll(async () => void (await init({ deterministic })));
      afterAll(async () => void (await init()));
      tests();
    });
  }
}

/**
 * {@link forEachCpuBuild}, after one `describe` for the reference.
 *
 * @example
 * forEachBuild((device) => {
 *   it("adds", () => expect(ones([2], { device }).add(1)).toEqualTensor([2, 2]));
 * });
 */
export function forEachBuild(tests: (device: string) => void): void {
  describe("reference", () => tests("reference"));
  forEachCpuBuild(() => tests("cpu"));
}
