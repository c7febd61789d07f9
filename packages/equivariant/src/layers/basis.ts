/**
 * @file The basis in which kernels are expanded: a small network on polynomial features of
 * invariants.
 */
import { Buffer, type LayerOptions, Linear, Module } from "@isograd/nn";
import { gelu, scope, type Tensor } from "@isograd/tensor";
import {
  featureCount,
  foldingMatrix,
  monomials,
  polynomialLinear,
} from "../features/polynomial.js";

/** Degree of the polynomial features. */
const DEGREE = 3;

/**
 * `GELU(Linear(GELU(Linear(poly₃(a)))))`: from k invariants to B basis functions, the hidden layer
 * of width C. GELU is the exact one. Source: arXiv 2310.02970, section 4 and appendix.
 */
export class KernelBasis extends Module {
  readonly hidden: Linear;
  readonly output: Linear;
  private readonly folding: Buffer;

  constructor(
    readonly inputs: number,
    channels: number,
    basis: number,
    options: LayerOptions,
  ) {
    super();
    this.hidden = new Linear(featureCount(inputs, DEGREE), channels, options);
    this.output = new Linear(channels, basis, options);
    this.folding = new Buffer(foldingMatrix(inputs, DEGREE, options), { persistent: false });
  }

  /** From k columns [rows], one for each invariant, to [rows, B]. */
  forward(columns: readonly Tensor[]): Tensor {
    const { weight, bias } = this.hidden;
    return scope(() => {
      const features = monomials(columns, DEGREE);
      const hidden = polynomialLinear(features, weight.value, bias!.value, this.folding.value);
      return gelu(this.output.forward(gelu(hidden)));
    });
  }
}
