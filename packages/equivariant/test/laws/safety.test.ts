/** @file Numerical safety: no NaN in values or gradients for any points, in both precisions. */
import { valueAndGrad } from "@isograd/autograd";
import {
  EdgePonita,
  Egnn,
  FramePonita,
  type Graphs,
  grids,
  type InteractionName,
  knnGraph,
  type Outputs,
  Pnita,
  Ponita,
  PonitaUNet,
  radiusGraph,
} from "@isograd/equivariant";
import { ones, rng, type Tensor, tensor, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

type Model = { forward(graphs: Graphs): Outputs };

const sizes = {
  inputs: { scalars: 1 },
  outputs: { scalars: 1, vectors: 1 },
  channels: 4,
  layers: 2,
} as const;
const interactions: InteractionName[] = ["separable", "mixing", "full", "messages", "attention"];

/** Every network in a dtype, with a window, which divides by distances. */
function networks(dtype: "float32" | "float64"): [string, Model][] {
  const make = () => ({ ...sizes, rng: rng(0), dtype });
  const grid = grids.platonic("tetrahedron");
  const ponitas = interactions.map((interaction): [string, Model] => [
    `Ponita ${interaction}`,
    new Ponita({ ...make(), grid, interaction, heads: 2, cutoff: 2 }),
  ]);
  const radial = { kind: "bessel", size: 3 } as const;
  return [
    ...ponitas,
    ["Ponita radial", new Ponita({ ...make(), grid, radial, cutoff: 2 })],
    ["FramePonita", new FramePonita(make())],
    ["EdgePonita", new EdgePonita({ ...make(), attributes: "chiral" })],
    ["PonitaUNet", new PonitaUNet({ ...make(), grid, neighbours: 3 })],
    ["Egnn", new Egnn(make())],
    ["Pnita", new Pnita({ ...make(), outputs: { scalars: 1 } })],
  ];
}

/** Checks that values and gradients by positions are finite. */
function expectFinite(model: Model, rest: object, positions: Tensor, label: string): void {
  const f = (p: Tensor): Tensor => {
    const out = model.forward({ ...rest, positions: p } as Graphs);
    return out.scalars.sum().add(out.vectors.sum());
  };
  const [value, slope] = valueAndGrad(f)(positions);
  expect(Number.isFinite(value.item()), `${label}: value ${value.item()}`).toBe(true);
  expect(slope.isFinite().all().item(), `${label}: gradient`).toBe(1);
}

const line = (n: number, scale = 1): number[][] =>
  Array.from({ length: n }, (_, i) => [scale * i, 0, 0]);

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  const models = networks(dtype);
  const at = (points: number[][]): Tensor => tensor([points], { dtype });
  const clouds: [string, Tensor][] = [
    ["coincident points", zeros([1, 4, 3], { dtype })],
    [
      "two of four coincident",
      at([
        [0, 0, 0],
        [0, 0, 0],
        [1, 0, 0],
        [0, 2, 0],
      ]),
    ],
    ["a single point", at([[1, 2, 3]])],
    ["points on a line", at(line(5))],
    ["far from the origin", at(line(4).map(([x]) => [x! + 1000, 1000, 1000]))],
    ["a tiny scale", at(line(4, 1e-12))],
  ];

  it.each(models)("%s", (name, model) => {
    for (const [label, positions] of clouds) {
      const scalars = ones([1, positions.shape[1] as number, 1], { dtype });
      expectFinite(model, { scalars }, positions, `${name}, ${label}`);
    }
    // EGNN and kernels without a window grow with the distance: at 10⁴ they still fit into float32.
    const huge = at(line(4, 1e4));
    expectFinite(model, { scalars: ones([1, 4, 1], { dtype }) }, huge, `${name}, a huge scale`);
    const none = tensor([], { dtype: "int32" });
    const alone = { scalars: ones([3, 1], { dtype }), source: none, target: none };
    expectFinite(model, alone, tensor(line(3), { dtype }), `${name}, no edges`);
  });

  it("sizes of 1 to 500 points, by near neighbours", () => {
    const grid = grids.platonic("octahedron");
    const ponita = new Ponita({ ...sizes, layers: 1, grid, cutoff: 1.5, rng: rng(0), dtype });
    const unet = new PonitaUNet({ ...sizes, layers: 1, grid, rng: rng(0), dtype });
    for (const n of [1, 2, 3, 17, 500]) {
      const positions = rng(n, { dtype }).normal([n, 3], { std: Math.cbrt(n) });
      const scalars = ones([n, 1], { dtype });
      const within = { scalars, ...radiusGraph(positions, { cutoff: 1.5 }) };
      expectFinite(ponita, within, positions, `Ponita, ${n} points`);
      const near = { scalars, ...knnGraph(positions, { k: 4 }) };
      expectFinite(unet, near, positions, `PonitaUNet, ${n} points`);
    }
  });
});
