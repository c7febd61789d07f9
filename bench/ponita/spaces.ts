/** @file What a network costs by the space it works in: one layer, forward and backward, at equal widths. */
import { valueAndGrad } from "@isograd/autograd";
import {
  type EquivariantNetwork,
  FramePonita,
  frameGrids,
  grids,
  Pnita,
  Ponita,
} from "@isograd/equivariant";
import { ones, rng, scope, type Tensor } from "@isograd/tensor";
import { fastest } from "./growth.js";

const SYSTEMS = 8;
const POINTS = 16;

/** Time of one network. */
export interface SpaceCost {
  readonly space: string;
  readonly orientations: number;
  readonly ms: number;
}

const sizes = () => ({
  inputs: { scalars: 1 },
  outputs: { scalars: 1 },
  channels: 32,
  layers: 1,
  rng: rng(2),
});
const icosahedron = grids.platonic("icosahedron");

const NETWORKS: readonly (readonly [string, number, () => EquivariantNetwork])[] = [
  ["R³", 1, () => new Pnita(sizes())],
  ["R³×S², separable", 12, () => new Ponita({ ...sizes(), grid: icosahedron })],
  [
    "R³×S², kernels of both orientations",
    12,
    () => new Ponita({ ...sizes(), grid: icosahedron, interaction: "full" }),
  ],
  [
    "SE(3), separable",
    60,
    () => new FramePonita({ ...sizes(), grid: frameGrids.group("icosahedral") }),
  ],
];

/** Times all of them; `seen` is told of each. */
export function spaceCosts(rounds: number, seen: (cost: SpaceCost) => void): SpaceCost[] {
  const graphs = {
    positions: rng(1).normal([SYSTEMS, POINTS, 3]),
    scalars: ones([SYSTEMS, POINTS, 1]),
  };
  return NETWORKS.map(([space, orientations, make]) => {
    const model = make();
    const slopes = valueAndGrad(
      (m: EquivariantNetwork): Tensor => m.forward(graphs).scalars.square().mean(),
    );
    const ms = fastest(() => scope(() => void slopes(model)), rounds);
    model.dispose();
    const cost = { space, orientations, ms };
    seen(cost);
    return cost;
  });
}
