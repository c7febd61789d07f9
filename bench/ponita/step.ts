/**
 * @file A training step of PONITA on complete graphs, of any size, and how many multiplications its
 * matrices take.
 */
import { valueAndGrad } from "@isograd/autograd";
import { type DenseGraphs, grids, Ponita } from "@isograd/equivariant";
import { adam, losses, stateDict } from "@isograd/nn";
import { rng, scope, type Tensor } from "@isograd/tensor";

/** Sizes of the network and of a batch. */
export interface Sizes {
  readonly systems: number;
  readonly bodies: number;
  readonly orientations: number;
  readonly channels: number;
  readonly basis: number;
  readonly layers: number;
}

/** The paper's settings for N-body: 1.06 M parameters. */
export const PAPER: Sizes = {
  systems: 100,
  bodies: 5,
  orientations: 16,
  channels: 128,
  basis: 256,
  layers: 5,
};

/** One step ready to run. */
export interface Step {
  readonly run: () => number;
  /** The loss before any step. */
  readonly loss: () => number;
  /** Inputs, targets and initial weights by name: what another library needs to do the same. */
  readonly given: Readonly<Record<string, Tensor>>;
  readonly parameters: number;
  free(): void;
}

/** Random points with charges and velocities; the mean squared error to random vectors; Adam. */
export function ponitaStep(sizes: Sizes): Step {
  const { systems: b, bodies: n, orientations, channels, basis, layers } = sizes;
  const random = rng(1);
  const charges = random.normal([b, n, 1]);
  const graphs = {
    positions: random.normal([b, n, 3]),
    scalars: charges,
    vectors: random.normal([b, n, 1, 3]),
  } satisfies DenseGraphs;
  const targets = random.normal([b, n, 1, 3]);
  const model = new Ponita({
    inputs: { scalars: 1, vectors: 1 },
    outputs: { vectors: 1 },
    channels,
    basis,
    layers,
    grid: grids.fibonacci(orientations),
    rng: rng(2),
  });
  const optimizer = adam(model, { lr: 1e-3 });
  const lossOf = (m: Ponita): Tensor => losses.mse(m.forward(graphs).vectors, targets);
  const slopes = valueAndGrad(lossOf);
  const { positions, scalars, vectors } = graphs;
  return {
    run: () =>
      scope(() => {
        const [loss, grads] = slopes(model);
        optimizer.step(grads);
        return loss.item();
      }),
    loss: () => scope(() => lossOf(model).item()),
    given: { positions, scalars, vectors, targets, ...stateDict(model) },
    parameters: [...model.parameters()].reduce((sum, p) => sum + p.value.size, 0),
    free() {
      optimizer.dispose();
      model.dispose();
      for (const x of [positions, scalars, vectors, targets]) x.dispose();
    },
  };
}

/**
 * Multiply-adds of the forward pass as the formulas count them, without what sharing kernels saves:
 * E·O·(14C + C·B) for the basis, then for each layer E·O·B·C (kernel), E·O·C (messages), V·O²·C
 * (fibre) and V·O·2wC² (block, w = 4).
 */
export function multiplyAdds(sizes: Sizes): number {
  const { systems, bodies, orientations: O, channels: C, basis: B, layers: L } = sizes;
  const V = systems * bodies;
  const rows = V * bodies * O;
  const block = rows * B * C + rows * C + V * O * O * C + V * O * 8 * C * C;
  return rows * (14 * C + C * B) + L * block;
}
