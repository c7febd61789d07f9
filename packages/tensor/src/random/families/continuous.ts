/** @file Methods of a generator: continuous distributions of one number. */
import { UsageError } from "../../base/errors.js";
import { given, noMore } from "../../base/options.js";
import type { Shape } from "../../base/shape.js";
import type { TensorOptions } from "../../core/creation.js";
import type { Tensor } from "../../core/tensor.js";
import { checkFinite, checkPositive, floats } from "../checks.js";
import { cauchy, exponential, fillBy, gumbel, laplace, weibull } from "../draw/exponential.js";
import { betas, gammas, normals, students } from "../draw/gamma.js";
import { truncated } from "../draw/truncated.js";
import { exp } from "../exact.js";
import { made, RandomSource } from "../source.js";

/** Options of other libraries, and ours. */
const THEIRS = new Map([
  ["a", ["alpha"]],
  ["k", ["alpha"]],
  ["concentration", ["alpha"]],
  ["shape", ["alpha"]],
  ["theta", ["scale"]],
  ["rate", ["scale"]],
  ["beta", ["b", "scale"]],
  ["alpha", ["a"]],
  ["mean", ["loc"]],
  ["loc", ["mean"]],
  ["std", ["scale"]],
  ["sigma", ["std", "scale"]],
  ["scale", ["std"]],
  ["minval", ["low"]],
  ["lower", ["low"]],
  ["maxval", ["high"]],
  ["upper", ["high"]],
  ["nu", ["df"]],
]);

/** The continuous distributions of one number. */
export abstract class Continuous extends RandomSource {
  /**
   * Waiting times, of density `e^(−x/scale)/scale` for x > 0; the mean is `scale` (default: 1), one
   * over the rate.
   *
   * @throws DTypeError for int32 and bool; UsageError unless scale > 0.
   * @example
   * rng(0).exponential([2, 3]).shape; // [2,3]
   */
  exponential(
    shape: Shape | number,
    options?: TensorOptions & {
      readonly scale?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const { scale = 1, ...where } = given("exponential", options, "scale# dtype device", THEIRS);
    noMore("exponential", surplus);
    checkPositive("exponential", "scale", scale);
    const place = floats("exponential", where, this.place);
    return made(this, "exponential", shape, place, (out) =>
      fillBy(out, () => scale * exponential(this.bits)),
    );
  }

  /**
   * Gamma numbers, of density `x^(α−1) e^(−x/scale) / (Γ(α) scale^α)`: their mean is `alpha ·
   * scale`. By Marsaglia & Tsang, "A simple method for generating gamma variables", 2000; for α < 1
   * those of α + 1 times `u^(1/α)`.
   *
   * @throws DTypeError for int32 and bool; UsageError unless alpha > 0 and scale > 0.
   * @example
   * rng(0).gamma(3, { alpha: 2 }).shape; // [3]
   */
  gamma(
    shape: Shape | number,
    options: TensorOptions & {
      readonly alpha: number;
      readonly scale?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const {
      alpha,
      scale = 1,
      ...where
    } = given("gamma", options, "alpha# scale# dtype device", THEIRS);
    noMore("gamma", surplus);
    checkPositive("gamma", "alpha", alpha);
    checkPositive("gamma", "scale", scale);
    const place = floats("gamma", where, this.place);
    return made(this, "gamma", shape, place, (out) => {
      const next = gammas(this.bits, alpha);
      fillBy(out, () => scale * next());
    });
  }

  /**
   * Beta numbers in [0, 1], of density proportional to `x^(a−1) (1−x)^(b−1)`; their mean is `a/(a +
   * b)`. As X/(X + Y) for gamma numbers X and Y, in logarithms: right for small a and b, too.
   *
   * @throws DTypeError for int32 and bool; UsageError unless a > 0 and b > 0.
   * @example
   * rng(0).beta([2], { a: 2, b: 3 }).shape; // [2]
   */
  beta(
    shape: Shape | number,
    options: TensorOptions & {
      readonly a: number;
      readonly b: number;
    },
    ...surplus: []
  ): Tensor {
    const { a, b, ...where } = given("beta", options, "a# b# dtype device", THEIRS);
    noMore("beta", surplus);
    checkPositive("beta", "a", a);
    checkPositive("beta", "b", b);
    const place = floats("beta", where, this.place);
    return made(this, "beta", shape, place, (out) => fillBy(out, betas(this.bits, a, b)));
  }

  /**
   * Gumbel numbers `loc − scale · log(−log u)`, of density `e^(−(z + e^(−z)))/scale` with
   * z = (x − loc)/scale. The largest of logits plus such noise is a draw by their softmax: see
   * `categorical`.
   *
   * @throws DTypeError for int32 and bool; UsageError unless scale > 0.
   * @example
   * rng(0).gumbel([4]).shape; // [4]
   */
  gumbel(
    shape: Shape | number,
    options?: TensorOptions & {
      readonly loc?: number | undefined;
      readonly scale?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const {
      loc = 0,
      scale = 1,
      ...where
    } = given("gumbel", options, "loc# scale# dtype device", THEIRS);
    noMore("gumbel", surplus);
    checkFinite("gumbel", "loc", loc);
    checkPositive("gumbel", "scale", scale);
    const place = floats("gumbel", where, this.place);
    return made(this, "gumbel", shape, place, (out) =>
      fillBy(out, () => loc + scale * gumbel(this.bits)),
    );
  }

  /**
   * Laplace numbers, of density `e^(−|x − loc|/scale)/(2 scale)`.
   *
   * @throws DTypeError for int32 and bool; UsageError unless scale > 0.
   * @example
   * rng(0).laplace([4]).shape; // [4]
   */
  laplace(
    shape: Shape | number,
    options?: TensorOptions & {
      readonly loc?: number | undefined;
      readonly scale?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const {
      loc = 0,
      scale = 1,
      ...where
    } = given("laplace", options, "loc# scale# dtype device", THEIRS);
    noMore("laplace", surplus);
    checkFinite("laplace", "loc", loc);
    checkPositive("laplace", "scale", scale);
    const place = floats("laplace", where, this.place);
    return made(this, "laplace", shape, place, (out) =>
      fillBy(out, () => loc + scale * laplace(this.bits)),
    );
  }

  /**
   * Cauchy numbers, of density `1/(π scale (1 + z²))` with z = (x − loc)/scale: as the ratio of the
   * coordinates of a point of the unit disc. They have no mean.
   *
   * @throws DTypeError for int32 and bool; UsageError unless scale > 0.
   * @example
   * rng(0).cauchy([4]).shape; // [4]
   */
  cauchy(
    shape: Shape | number,
    options?: TensorOptions & {
      readonly loc?: number | undefined;
      readonly scale?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const {
      loc = 0,
      scale = 1,
      ...where
    } = given("cauchy", options, "loc# scale# dtype device", THEIRS);
    noMore("cauchy", surplus);
    checkFinite("cauchy", "loc", loc);
    checkPositive("cauchy", "scale", scale);
    const place = floats("cauchy", where, this.place);
    return made(this, "cauchy", shape, place, (out) =>
      fillBy(out, () => loc + scale * cauchy(this.bits)),
    );
  }

  /**
   * Numbers whose logarithms are normal, of mean `mean` and standard deviation `std`.
   *
   * @throws DTypeError for int32 and bool; UsageError unless std > 0.
   * @example
   * rng(0).logNormal([4]).min().item() > 0; // true
   */
  logNormal(
    shape: Shape | number,
    options?: TensorOptions & {
      readonly mean?: number | undefined;
      readonly std?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const {
      mean = 0,
      std = 1,
      ...where
    } = given("logNormal", options, "mean# std# dtype device", THEIRS);
    noMore("logNormal", surplus);
    checkFinite("logNormal", "mean", mean);
    checkPositive("logNormal", "std", std);
    const place = floats("logNormal", where, this.place);
    return made(this, "logNormal", shape, place, (out) => {
      const next = normals(this.bits);
      fillBy(out, () => exp(mean + std * next()));
    });
  }

  /**
   * Normal numbers that lie in [low, high], both in the units of the result. Default: within two
   * standard deviations of the mean; where one bound is given, nothing bounds the other side. By
   * rejection from what is near the density, so that far tails are right, too: Robert, "Simulation
   * of truncated normal variables", 1995.
   *
   * @throws DTypeError for int32 and bool; UsageError unless low ≤ high and std > 0.
   * @example
   * rng(0).truncatedNormal([99], { low: 5 }).min().item() >= 5; // true
   */
  truncatedNormal(
    shape: Shape | number,
    options?: TensorOptions & {
      readonly mean?: number | undefined;
      readonly std?: number | undefined;
      readonly low?: number | undefined;
      readonly high?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const names = "mean# std# low# high# dtype device";
    const chosen = given("truncatedNormal", options, names, THEIRS);
    const { mean = 0, std = 1, low: from, high: to, ...where } = chosen;
    const reach = from === undefined && to === undefined ? 2 * std : Infinity;
    const { low = mean - reach, high = mean + reach } = { low: from, high: to };
    noMore("truncatedNormal", surplus);
    checkFinite("truncatedNormal", "mean", mean);
    checkPositive("truncatedNormal", "std", std);
    checkBounds("truncatedNormal", low, high);
    const place = floats("truncatedNormal", where, this.place);
    return made(this, "truncatedNormal", shape, place, (out) =>
      fillBy(out, truncated(this.bits, { mean, std, low, high })),
    );
  }

  /**
   * Weibull numbers, of density `(α/s) z^(α−1) e^(−z^α)` with s = scale and z = x/s: `s · E^(1/α)`
   * for an exponential number E.
   *
   * @throws DTypeError for int32 and bool; UsageError unless alpha > 0 and scale > 0.
   * @example
   * rng(0).weibull([4], { alpha: 2 }).shape; // [4]
   */
  weibull(
    shape: Shape | number,
    options: TensorOptions & {
      readonly alpha: number;
      readonly scale?: number | undefined;
    },
    ...surplus: []
  ): Tensor {
    const {
      alpha,
      scale = 1,
      ...where
    } = given("weibull", options, "alpha# scale# dtype device", THEIRS);
    noMore("weibull", surplus);
    checkPositive("weibull", "alpha", alpha);
    checkPositive("weibull", "scale", scale);
    const place = floats("weibull", where, this.place);
    return made(this, "weibull", shape, place, (out) =>
      fillBy(out, () => scale * weibull(this.bits, alpha)),
    );
  }

  /**
   * Student's t with `df` = ν degrees of freedom, of density proportional to
   * `(1 + x²/ν)^(−(ν+1)/2)`: a normal number over the root of a χ² number by ν.
   *
   * @throws DTypeError for int32 and bool; UsageError unless df > 0.
   * @example
   * rng(0).studentT([4], { df: 5 }).shape; // [4]
   */
  studentT(
    shape: Shape | number,
    options: TensorOptions & {
      readonly df: number;
    },
    ...surplus: []
  ): Tensor {
    const { df, ...where } = given("studentT", options, "df# dtype device", THEIRS);
    noMore("studentT", surplus);
    checkPositive("studentT", "df", df);
    const place = floats("studentT", where, this.place);
    return made(this, "studentT", shape, place, (out) => fillBy(out, students(this.bits, df)));
  }

  /**
   * χ² numbers with `df` = ν degrees of freedom, the sum of as many squares of normal numbers:
   * twice the gamma numbers of α = ν/2.
   *
   * @throws DTypeError for int32 and bool; UsageError unless df > 0.
   * @example
   * rng(0).chiSquare([4], { df: 3 }).shape; // [4]
   */
  chiSquare(
    shape: Shape | number,
    options: TensorOptions & {
      readonly df: number;
    },
    ...surplus: []
  ): Tensor {
    const { df, ...where } = given("chiSquare", options, "df# dtype device", THEIRS);
    noMore("chiSquare", surplus);
    checkPositive("chiSquare", "df", df);
    const place = floats("chiSquare", where, this.place);
    return made(this, "chiSquare", shape, place, (out) => {
      const next = gammas(this.bits, df / 2);
      fillBy(out, () => 2 * next());
    });
  }
}

function checkBounds(op: string, low: number, high: number): void {
  if (low <= high && low < Infinity && high > -Infinity) return;
  const problem = `low must not exceed high: got low ${low}, high ${high}`;
  throw new UsageError(op, problem, "give both in the units of the result, the smaller as low");
}
