/** @file GPart's map from d trained numbers to N weights, and its transpose. */
import { type Partition, partition, project, projectTranspose } from "@isograd/gpart";
import { grad, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../harness/contender.js";
import { floats, type Host } from "../harness/inputs.js";
import { row } from "../libraries/row.js";

const N = 1e7;
const D = 1e5;

interface Map {
  readonly partition: Partition;
  /** Group of each weight. */
  readonly groups: Host<Int32Array>;
  /** 1/√n of each group. */
  readonly scales: Host<Float32Array>;
}

const made: { map: Map | null } = { map: null };

/** The partition, made once, and what the other libraries need of it. */
function theMap(): Map {
  if (made.map === null) {
    const own = partition({ n: N, d: D, seed: 1 });
    const groups = { data: own.fill(new Int32Array(N)), shape: [N] };
    const scales = { data: Float32Array.from(own.scales()), shape: [D] };
    made.map = { partition: own, groups, scales };
  }
  return made.map;
}

const inputs = (size: number) => () =>
  [floats([size], 2), theMap().groups, theMap().scales] as const;

// (P θ)_i = θ_g(i) / √n_g(i)
const projection = row({
  name: "GPart P θ, 1e5 → 1e7",
  inputs: inputs(D),
  isograd: (theta) => project(theMap().partition, theta),
  tfjs: (theta, groups, scales) => tf.gather(tf.mul(theta, scales), groups as tf.Tensor1D),
  jax: (theta, groups, scales) => np.take(theta.mul(scales), groups, 0),
  size: N,
  plain(out, theta, groups, scales) {
    for (let i = 0; i < N; i++) {
      const j = groups[i] as number;
      out[i] = (theta[j] as number) * (scales[j] as number);
    }
  },
});

// (Pᵀ w)_j = Σ w_i / √n_j over the weights i of group j; in jax-js as the gradient of a gather
const transpose = row({
  name: "GPart Pᵀ w, 1e7 → 1e5",
  inputs: inputs(N),
  isograd: (w) => projectTranspose(theMap().partition, w),
  jax: (w, groups, scales) =>
    grad((theta: np.Array) => np.take(theta.mul(scales), groups, 0).mul(w).sum())(np.zeros([D])),
  size: D,
  plain(out, w, groups, scales) {
    out.fill(0);
    for (let i = 0; i < N; i++) (out[groups[i] as number] as number) += w[i] as number;
    for (let j = 0; j < D; j++) (out[j] as number) *= scales[j] as number;
  },
  absent: { tfjs: "no kernel for scatter-add on wasm" },
});

export const gpartRows: readonly Row[] = [projection, transpose];
