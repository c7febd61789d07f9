/**
 * @file The use of orientations: a sum over angles between neighbours, which does not depend on
 * distances to the centre. PONITA learns it, PNITA cannot.
 */
import { valueAndGrad } from "@isograd/autograd";
import { type EdgeListGraphs, grids, Pnita, Ponita } from "@isograd/equivariant";
import { adam, losses } from "@isograd/nn";
import { concat, ones, rng, scope, type Tensor, tensor, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

interface Batch {
  readonly graphs: EdgeListGraphs;
  /** `Σ_{j<k} (n_j · n_k)²` [count, 1]. */
  readonly targets: Tensor;
}

/**
 * Stars: a centre and four neighbours in random directions n at distances U(0.7, 1.3). Edges go
 * between centre and neighbours in both directions, and from each node to itself.
 */
function stars(count: number, seed: string): Batch {
  const random = rng(seed);
  const raw = random.normal([count, 4, 3]);
  const n = raw.div(raw.square().sum({ axis: 2, keepdims: true }).pow(0.5));
  const arms = n.mul(random.uniform([count, 4, 1], { low: 0.7, high: 1.3 }));
  const cosines = n
    .matmul(n.mT)
    .square()
    .sum({ axis: [1, 2] });
  const [source, target]: [number[], number[]] = [[], []];
  for (let v = 0; v < 5 * count; v++) {
    source.push(v);
    target.push(v);
    const centre = v - (v % 5);
    if (v === centre) continue;
    source.push(centre, v);
    target.push(v, centre);
  }
  const ints = (values: number[]) => tensor(Int32Array.from(values));
  return {
    graphs: {
      positions: concat([zeros([count, 1, 3]), arms], { axis: 1 }).reshape([5 * count, 3]),
      scalars: ones([5 * count, 1]),
      source: ints(source),
      target: ints(target),
      graph: ints(Array.from({ length: 5 * count }, (_, v) => Math.floor(v / 5))),
      graphs: count,
    },
    targets: cosines.sub(4).mul(0.5).reshape([count, 1]), // without j = k, each pair once
  };
}

/** Mean squared error of predictions about their mean, over the variance of the targets. */
function nmse(model: Ponita | Pnita, { graphs, targets }: Batch): number {
  return scope(() => {
    const said = model.forward(graphs).scalars;
    const off = said.sub(said.mean()).sub(targets.sub(targets.mean()));
    return off.square().mean().item() / targets.variance().item();
  });
}

/**
 * Trains on 1000 stars until their error is below 0.4 %, or for some epochs. The mean of the
 * targets is subtracted. After a plateau of some hundred steps the error falls quickly; then steps
 * get smaller.
 */
function trained(model: Ponita | Pnita, epochs: number): number {
  const batches = Array.from({ length: 40 }, (_, b) => stars(25, `train${b}`));
  model.calibrate(batches[0]!.graphs);
  const optimizer = adam(model, { lr: 5e-3 });
  const step = valueAndGrad((m: Ponita | Pnita, { graphs, targets }: Batch) => {
    const said = m.forward(graphs).scalars;
    const scale = 1 / targets.variance().item();
    return losses.mse(said.sub(said.mean()), targets.sub(targets.mean())).mul(scale);
  });
  let error = 1;
  for (let epoch = 0; epoch < epochs && error > 0.004; epoch++) {
    optimizer.lr = error < 0.05 ? 1.5e-3 : 5e-3;
    error = 0;
    for (const batch of batches) {
      const [value, slopes] = step(model, batch);
      error += value.item() / batches.length;
      value.dispose();
      optimizer.step(slopes as never);
    }
  }
  return nmse(model, stars(300, "test"));
}

describe("angles between neighbours", () => {
  const sizes = {
    inputs: { scalars: 1 },
    outputs: { scalars: 1 },
    channels: 16,
    basis: 8,
    layers: 2,
    widening: 1,
    level: "graph",
  } as const;

  it("are learnt by PONITA on the icosahedron: error below 1 %", { timeout: 120_000 }, () => {
    const model = new Ponita({ ...sizes, grid: grids.platonic("icosahedron"), rng: rng(0) });
    expect(trained(model, 60)).toBeLessThan(0.01);
  });

  it("are not seen by PNITA: error above 90 %", { timeout: 120_000 }, () => {
    expect(trained(new Pnita({ ...sizes, rng: rng(0) }), 10)).toBeGreaterThan(0.9);
  });
});
