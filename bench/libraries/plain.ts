/** @file Loops over typed arrays as a contender: what people write without a library. */
import type { Contender, Numbers } from "../harness/contender.js";
import type { Host } from "../harness/inputs.js";

/** Work that writes `size` numbers into an array made once. */
export function ofPlain(
  hosts: readonly Host[],
  size: number,
  work: (out: Float32Array, ...inputs: Numbers[]) => void,
): Contender {
  const out = new Float32Array(size);
  const inputs = hosts.map((host) => host.data);
  const run = () => work(out, ...inputs);
  return {
    run,
    values() {
      run();
      return out.slice();
    },
    free: () => {},
  };
}

/** erf by Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7. */
export function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}
