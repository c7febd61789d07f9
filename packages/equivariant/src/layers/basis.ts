/** @file The basis of the kernels: a small network on polynomial features of invariants. */
import { Buffer, type LayerOptions, Linear, Module } from "@isograd/nn";
import { add, gelu, scope, type Tensor, UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import {
  expectPositive,
  expectRng,
  expectShape,
  expectSizes,
  expectWhole,
  synonyms,
  wanted,
} from "../expect.js";
import {
  featureCount,
  foldingMatrix,
  monomials,
  polynomialLinear,
} from "../features/polynomial.js";
import { type RadialBasis, radialBasis, radialOf } from "../features/radial.js";

/** Degree of the polynomial features. */
const DEGREE = 3;

/** The most inputs: the features grow with their cube. */
export const INPUTS = 32;

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
  private readonly radialBasis: ((distance: Tensor) => Tensor) | null;
  private readonly folding: Buffer;

  constructor(inputs: number, channels: number, basis: number, options: BasisOptions) {
    super();
    const op = "KernelBasis";
    const { radial = null, ...make } = given(op, options, "radial rng dtype device");
    const help = "features grow with the cube; give functions of distances as radial";
    expectWhole(op, "inputs", inputs, 1, INPUTS, help);
    expectRng(op, make.rng);
    expectSizes(op, { channels, basis }, (C, B) => C * (B + featureCount(inputs, DEGREE)));
    this.inputs = inputs;
    this.radialBasis = radial && radialOn(`${op}.radial`, radial);
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
    if (!Array.isArray(columns) || columns.length !== this.inputs) {
      const what = `a list of ${this.inputs} tensors`;
      throw wanted("KernelBasis", "columns", what, columns, "one column for each invariant");
    }
    for (const column of columns) expectShape("KernelBasis", "columns", column, ["rows"]);
    if (distance !== undefined) expectShape("KernelBasis", "distances", distance, ["rows"]);
    const { hidden, output, radial, radialBasis: basis } = this;
    if (radial !== null && distance === undefined) {
      const help = "write forward(columns, distances)";
      throw new UsageError("KernelBasis", "radial functions need the distances", help);
    }
    return scope(() => {
      const features = monomials(columns, DEGREE);
      const { weight, bias } = hidden;
      const own = polynomialLinear(features, weight.value, bias!.value, this.folding.value);
      if (radial === null || !basis || !distance) return gelu(output.forward(gelu(own)));
      const both = add(own, radial.forward(basis(distance)));
      return gelu(output.forward(gelu(both)));
    });
  }
}

/** The functions of a distance. @throws UsageError for other options. */
function radialOn(op: string, radial: NonNullable<BasisOptions["radial"]>) {
  const { cutoff, ...rest } = given(op, radial, "cutoff# kind size#", synonyms);
  expectPositive(op, "cutoff", cutoff);
  const basis = radialOf(op, rest);
  return (distance: Tensor): Tensor => radialBasis(distance, cutoff, basis);
}
