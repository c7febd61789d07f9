/** @file Embedding: a table of vectors, looked up by index. */
import { type Tensor, take } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectSizes } from "../expect.js";
import { checkRng, type Initializer, normal } from "../init.js";
import { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import type { LayerOptions } from "./layer.js";

export interface EmbeddingOptions extends LayerOptions {
  /** Draws the table; default: from `N(0, 1)`. */
  readonly init?: Initializer | undefined;
}

/**
 * A table of `count` vectors: int32 indices […] → […, features], rows of weight [count, features].
 *
 * @throws DTypeError for indices that are not int32; ShapeError for an index outside [0, count).
 * @example
 * const table = new Embedding(10, 4, { rng: rng(0) });
 * table.forward(tensor([[1, 2, 1]], { dtype: "int32" })).shape; // [1,3,4]
 */
export class Embedding extends Module {
  readonly count: number;
  readonly features: number;
  readonly weight: Parameter;

  constructor(count: number, features: number, options: EmbeddingOptions) {
    super();
    expectSizes("Embedding", { count, features });
    this.count = count;
    this.features = features;
    const {
      rng,
      dtype,
      device,
      init = normal,
    } = given("Embedding", options, "init() rng dtype device");
    const make = { rng: checkRng("Embedding", rng), dtype, device };
    this.weight = new Parameter(init([count, features], make));
  }

  forward(indices: Tensor): Tensor {
    return take(this.weight.value, indices, { fromEnd: false });
  }
}
