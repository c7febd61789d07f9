/**
 * @file What orientations cost: a network of one layer on R³, on R³×S² in both forms of its kernel,
 * and on SE(3).
 */
import { valueAndGrad } from "@isograd/autograd";
import {
  type EquivariantNetwork,
  FramePonita,
  frameGrids,
  grids,
  Pnita,
  Ponita,
} from "@isograd/equivariant";
import { rng, scope, type Tensor } from "@isograd/tensor";
import { fastest } from "./growth.js";

const [SYSTEMS, BODIES, CHANNELS] = [8, 16, 32];

/** Milliseconds of a forward and a backward pass. */
export interface Cost {
  readonly space: string;
  readonly orientations: number;
  readonly kernel: string;
  readonly ms: number;
}

const options = () => ({
  ...{ inputs: { scalars: 1 }, outputs: { scalars: 1 }, rng: rng(2) },
  ...{ channels: CHANNELS, basis: CHANNELS, layers: 1 },
});
const grid = grids.platonic("icosahedron");

type Entry = Omit<Cost, "ms"> & { readonly make: () => EquivariantNetwork };

const ENTRIES: readonly Entry[] = [
  { space: "R³", orientations: 1, kernel: "of distances", make: () => new Pnita(options()) },
  {
    ...{ space: "R³×S²", orientations: grid.size, kernel: "separable" },
    make: () => new Ponita({ ...options(), grid }),
  },
  {
    ...{ space: "R³×S²", orientations: grid.size, kernel: "of both orientations" },
    make: () => new Ponita({ ...options(), grid, interaction: "full" }),
  },
  {
    ...{ space: "SE(3)", orientations: 60, kernel: "separable" },
    make: () => new FramePonita({ ...options(), grid: frameGrids.group("icosahedral") }),
  },
];

/** Times all of them; calls `seen` with each. */
export function costsOfSpaces(rounds: number, seen: (cost: Cost) => void): Cost[] {
  const random = rng(1);
  const graphs = {
    positions: random.normal([SYSTEMS, BODIES, 3]),
    scalars: random.normal([SYSTEMS, BODIES, 1]),
  };
  return ENTRIES.map(({ make, ...entry }) => {
    const model = make();
    const slopes = valueAndGrad((m: EquivariantNetwork): Tensor => m.forward(graphs).scalars.sum());
    const ms = fastest(() => scope(() => void slopes(model)), rounds);
    model.dispose();
    const cost = { ...entry, ms };
    seen(cost);
    return cost;
  });
}
