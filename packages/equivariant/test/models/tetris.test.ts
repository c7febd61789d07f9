/**
 * @file The eight Tetris shapes in space: networks that distinguish mirror images tell them apart
 * in any pose; others confuse the mirrored pair.
 */
import { valueAndGrad } from "@isograd/autograd";
import {
  type Attributes,
  EdgePonita,
  type Graphs,
  grids,
  type Outputs,
  Ponita,
  randomRotations,
} from "@isograd/equivariant";
import { adam, losses, type Module } from "@isograd/nn";
import { arange, argmax, ones, rng, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

/** Four cubes each; the first two are mirror images of each other. */
const shapes = tensor([
  [
    [0, 0, 0],
    [0, 0, 1],
    [1, 0, 0],
    [1, 1, 0],
  ],
  [
    [0, 0, 0],
    [0, 0, 1],
    [1, 0, 0],
    [1, -1, 0],
  ],
  [
    [0, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [1, 1, 0],
  ],
  [
    [0, 0, 0],
    [0, 0, 1],
    [0, 0, 2],
    [0, 0, 3],
  ],
  [
    [0, 0, 0],
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
  [
    [0, 0, 0],
    [0, 0, 1],
    [0, 0, 2],
    [0, 1, 0],
  ],
  [
    [0, 0, 0],
    [0, 0, 1],
    [0, 0, 2],
    [0, 1, 1],
  ],
  [
    [0, 0, 0],
    [1, 0, 0],
    [1, 1, 0],
    [2, 1, 0],
  ],
]);
const classes = arange(8, { dtype: "int32" });
const graphsAt = (positions: Tensor) => ({
  positions,
  scalars: ones([8, 4, 1], { dtype: positions.dtype }),
});

type Model = Module & { forward(graphs: Graphs): Outputs; calibrate(graphs: Graphs): boolean };

const sizes = {
  inputs: { scalars: 1 },
  outputs: { scalars: 8 },
  channels: 16,
  widening: 2,
  level: "graph",
} as const;

/**
 * Learns the shapes in one pose each. Returns how many of 8 it classifies correctly in each of 5
 * other poses.
 */
function learned(model: Model, steps: number): number[] {
  const given = graphsAt(shapes);
  model.calibrate(given);
  const optimizer = adam(model, { lr: 0.01 });
  const step = valueAndGrad((m: Model) => losses.crossEntropy(m.forward(given).scalars, classes));
  for (let i = 0; i < steps; i++) {
    const [value, slopes] = step(model);
    value.dispose();
    optimizer.step(slopes as never);
  }
  const random = rng(7);
  return Array.from({ length: 5 }, () => {
    const turned = shapes.matmul(randomRotations(random, 8).mT);
    const said = argmax(model.forward(graphsAt(turned)).scalars, { axis: 1 });
    return said.equal(classes).cast("int32").sum().item();
  });
}

describe("eight Tetris shapes", () => {
  const edges = (attributes: Attributes) =>
    new EdgePonita({ ...sizes, layers: 2, attributes, rng: rng(0) });

  it("EdgePonita with chiral attributes names all of them in every pose", () => {
    expect(learned(edges("chiral"), 40)).toEqual([8, 8, 8, 8, 8]);
  });

  it("with complete ones it cannot tell the mirrored pair apart, and names all others", () => {
    const model = edges("complete");
    for (const right of learned(model, 40)) expect(right).toBe(7);
    const said = model.forward(graphsAt(shapes)).scalars;
    expect(
      said
        .slice([0])
        .sub(said.slice([1]))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-4);
  });

  it("so does PONITA on a grid, with kernels of pairs of orientations", () => {
    // x ↦ −x maps the grid onto itself, so a shape and its image are compared exactly.
    const grid = grids.platonic("octahedron");
    const dtype = "float64" as const;
    const pose = shapes.cast(dtype).matmul(randomRotations(rng(1), 8, { dtype }).mT);
    const gap = (attributes: Attributes): number => {
      const options = {
        ...sizes,
        layers: 2,
        interaction: "full",
        attributes,
        grid,
        dtype,
      } as const;
      const model = new Ponita({ ...options, rng: rng(0) });
      model.calibrate(graphsAt(pose));
      const [one, other] = [pose, pose.neg()].map((p) => model.forward(graphsAt(p)).scalars);
      return one!
        .slice([0])
        .sub(other!.slice([0]))
        .abs()
        .max()
        .item();
    };
    expect(gap("complete")).toBeLessThan(1e-12);
    expect(gap("chiral")).toBeGreaterThan(1e-6);
  });
});
