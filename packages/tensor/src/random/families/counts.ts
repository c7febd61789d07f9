/** @file Methods of a generator: counts. */
import { UsageError } from "../../base/errors.js";
import { given, noMore, shown } from "../../base/options.js";
import type { Shape } from "../../base/shape.js";
import type { TensorOptions } from "../../core/creation.js";
import type { Tensor } from "../../core/tensor.js";
import { wholes } from "../checks.js";
import { binomials, geometrics, poissons } from "../draw/counts.js";
import { fillBy } from "../draw/exponential.js";
import { made } from "../source.js";
import { Continuous } from "./continuous.js";

/** Options of other libraries, and ours. */
const THEIRS = new Map([
  ["lam", ["rate"]],
  ["lambda", ["rate"]],
  ["mu", ["rate"]],
  ["probs", ["p"]],
  ["totalcount", ["n"]],
]);

/** The largest int32, and the largest rate whose counts stay below it. */
const MOST = 2 ** 31 - 1;
const RATE = 2 ** 31 - 2 ** 20;

/** The distributions of counts. */
export abstract class Counts extends Continuous {
  /**
   * Poisson numbers: how many events there are where `rate` are expected, `P(k) = rateᵏ
   * e^(−rate)/k!`; int32. By inversion below 10, then by Hörmann's PTRS ("The transformed rejection
   * method for generating Poisson random variables", 1993).
   *
   * @throws DTypeError for bool; UsageError unless 0 ≤ rate ≤ 2³¹ − 2²⁰.
   * @example
   * rng(0).poisson([4], { rate: 3 }).dtype; // int32
   */
  poisson(
    shape: Shape | number,
    options: TensorOptions & {
      readonly rate: number;
    },
    ...surplus: []
  ): Tensor {
    const { rate, ...where } = given("poisson", options, "rate# dtype device", THEIRS);
    noMore("poisson", surplus);
    if (!(rate >= 0 && rate <= RATE)) {
      const problem = `rate is a number from 0 to 2³¹ − 2²⁰: got ${shown(rate)}`;
      throw new UsageError("poisson", problem, "it is the mean: write { rate: 3 }");
    }
    const place = wholes("poisson", where, this.place);
    return made(this, "poisson", shape, place, (out) => fillBy(out, poissons(this.bits, rate)));
  }

  /**
   * Binomial numbers: how many of `n` trials succeed, each with the probability `p`; int32. By
   * inversion where few are expected, else by Hörmann's BTRS ("The generation of binomial random
   * variates", 1993).
   *
   * @throws DTypeError for bool; UsageError unless n is a whole number ≥ 0 of 32 bits and 0 ≤ p ≤
   * 1.
   * @example
   * rng(0).binomial([2], { n: 7, p: 1 }).toString(); // Tensor(int32, [2]) [7, 7]
   */
  binomial(
    shape: Shape | number,
    options: TensorOptions & {
      readonly n: number;
      readonly p: number;
    },
    ...surplus: []
  ): Tensor {
    const { n, p, ...where } = given("binomial", options, "n# p# dtype device", THEIRS);
    noMore("binomial", surplus);
    if (!Number.isInteger(n) || n < 0 || n > MOST) {
      const problem = `n is a whole number from 0 to 2³¹ − 1: got ${shown(n)}`;
      throw new UsageError("binomial", problem, "it is the number of trials: { n: 10, p: 0.5 }");
    }
    checkProbability("binomial", p, p >= 0 && p <= 1);
    const place = wholes("binomial", where, this.place);
    return made(this, "binomial", shape, place, (out) => fillBy(out, binomials(this.bits, n, p)));
  }

  /**
   * How many trials it takes up to the first success, of probability `p` each, that one included:
   * `P(k) = (1 − p)^(k−1) p` for k ≥ 1, as in NumPy; int32, where larger ones become 2³¹ − 1.
   *
   * @throws DTypeError for bool; UsageError unless 0 < p ≤ 1.
   * @example
   * rng(0).geometric([2], { p: 1 }).toString(); // Tensor(int32, [2]) [1, 1]
   */
  geometric(
    shape: Shape | number,
    options: TensorOptions & {
      readonly p: number;
    },
    ...surplus: []
  ): Tensor {
    const { p, ...where } = given("geometric", options, "p# dtype device", THEIRS);
    noMore("geometric", surplus);
    checkProbability("geometric", p, p > 0 && p <= 1);
    const place = wholes("geometric", where, this.place);
    return made(this, "geometric", shape, place, (out) => {
      const next = geometrics(this.bits, p);
      fillBy(out, () => Math.min(next(), MOST));
    });
  }
}

function checkProbability(op: string, p: unknown, fits: boolean): void {
  if (fits) return;
  const range = op === "geometric" ? "above 0, up to 1" : "between 0 and 1";
  const problem = `p is a probability ${range}: got ${shown(p)}`;
  throw new UsageError(op, problem, "p is the share of successes");
}
