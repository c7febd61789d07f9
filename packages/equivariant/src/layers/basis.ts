/** @file The basis of the kernels: a small network on polynomial features of invariants. */
import { Buffer, type LayerOptions, Linear, Module } from "@isograd/nn";
import { add, gelu, scope, type Tensor } from "@isograd/tensor";
import {
  featureCount,
  foldingMatrix,
  monomials,
  polynomialLinear,
} from "../features/polynomial.js";
import { type RadialBasis, radialBasis } from "../features/radial.js";

/** Degree of the polynomial features. */
const DEGREE = 3;

export interface BasisOptions extends LayerOptions {
  /** Functions of the distance up to a cut-off, in addition to the polynomials; default: none. */
  readonly radial?: (RadialBasis & { readonly cutoff: number }) | null | undefined;
}

/**
 * `GELU(Linear(GELU(Linear(poly₃(a)))))`: from k invariants to B basis functions, with a hidden
 * layer of width C and the exact GELU. With `radial`, functions of the distance are further inputs
 * of the hidden layer. Source: arXiv 2310.02970, section 4 and appendix.
 */
export class KernelBasis extends Module {
  readonly inputs: number;
  readonly hidden: Linear;
  readonly output: Linear;
  readonly radial: Linear | null;
  private readonly radialBasis: BasisOptions["radial"];
  private readonly folding: Buffer;

  constructor(inputs: number, channels: number, basis: number, options: BasisOptions) {
    super();
    this.inputs = inputs;
    const { radial = null, ...make } = options;
    this.radialBasis = radial;
    this.hidden = new Linear(featureCount(inputs, DEGREE), channels, make);
    this.output = new Linear(channels, basis, make);
    this.radial = radial && new Linear(radial.size, channels, { ...make, bias: false });
    const { dtype, device } = make;
    this.folding = new Buffer(foldingMatrix(inputs, DEGREE, { dtype, device }), {
      persistent: false,
    });
  }

  /** From k columns [rows], one for each invariant, and distances [rows], to [rows, B]. */
  forward(columns: readonly Tensor[], distance?: Tensor): Tensor {
    const { weight, bias } = this.hidden;
    return scope(() => {
      const features = monomials(columns, DEGREE);
      const hidden = polynomialLinear(features, weight.value, bias!.value, this.folding.value);
      return gelu(this.output.forward(gelu(this.withRadial(hidden, distance))));
    });
  }

  private withRadial(hidden: Tensor, distance: Tensor | undefined): Tensor {
    const { radial, radialBasis: basis } = this;
    if (radial === null || !basis || distance === undefined) return hidden;
    return add(hidden, radial.forward(radialBasis(distance, basis.cutoff, basis)));
  }
}
