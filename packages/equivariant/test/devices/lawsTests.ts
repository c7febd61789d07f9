/**
 * @file Laws of the networks on the GPU, at float32: symmetries in both forms of graphs, and the
 * same results as on the CPU.
 */
import { valueAndGrad } from "@isograd/autograd";
import { adam, losses } from "@isograd/nn";
import { rng, scope, type Tensor, take, tensor } from "@isograd/tensor";
import { describe, expect, test } from "vitest";
import {
  type DenseGraphs,
  EdgePonita,
  type EquivariantNetwork,
  FramePonita,
  frameGrids,
  type Graphs,
  grids,
  type Matrix,
  type Outputs,
  Pnita,
  toEdgeList,
} from "../../src/index.js";
import { randomGraphs, relativeError, smallPonita } from "../helpers.js";

const dtype = "float32";
const common = {
  inputs: { scalars: 1, vectors: 1, edges: 1 },
  outputs: { scalars: 1, vectors: 1 },
  channels: 6,
  layers: 1,
  dtype,
} as const;
const octahedron = grids.platonic("octahedron");

/** Networks of every space; each call makes a new one with the same weights. */
const NETWORKS: Readonly<Record<string, () => EquivariantNetwork>> = {
  Ponita: () => smallPonita({ dtype, grid: octahedron }),
  "Ponita of whole graphs": () => smallPonita({ dtype, grid: octahedron, level: "graph" }),
  "Ponita with messages": () =>
    smallPonita({ dtype, grid: octahedron, layers: 1, interaction: "messages" }),
  "Ponita with attention": () =>
    smallPonita({ dtype, grid: octahedron, layers: 1, interaction: "attention", heads: 2 }),
  Pnita: () =>
    new Pnita({
      ...common,
      inputs: { scalars: 1, edges: 1 },
      outputs: { scalars: 2 },
      rng: rng(1),
    }),
  EdgePonita: () => new EdgePonita({ ...common, cutoff: 4, rng: rng(2) }),
  FramePonita: () =>
    new FramePonita({ ...common, grid: frameGrids.group("tetrahedral"), rng: rng(3) }),
};
const FORMS: Readonly<Record<string, (graphs: DenseGraphs) => Graphs>> = {
  "complete graphs": (graphs) => graphs,
  "edge lists": (graphs) => toEdgeList(graphs),
};

/** The same graphs on another device. */
async function moved<G extends object>(graphs: G, device: string): Promise<G> {
  const entries = Object.entries(graphs).map(async ([name, x]) => {
    return [name, typeof x === "object" ? await (x as Tensor).to(device) : x];
  });
  return Object.fromEntries(await Promise.all(entries)) as G;
}

/** Results on the host. */
async function results(outs: Partial<Outputs>): Promise<Tensor[]> {
  const all = [outs.scalars, outs.vectors].filter((x) => x !== undefined && x.size > 0);
  return Promise.all(all.map((x) => (x as Tensor).to("cpu")));
}

async function expectSame(got: Partial<Outputs>, wanted: Tensor[], within: number): Promise<void> {
  const found = await results(got);
  expect(found.length).toBe(wanted.length);
  found.forEach((x, i) => {
    expect(relativeError(x, wanted[i] as Tensor)).toBeLessThan(within);
  });
}

/** Graphs that this network takes. */
function graphsFor(net: EquivariantNetwork): DenseGraphs {
  const { vectors, ...others } = randomGraphs(7, 2, 4, dtype);
  return net.inputs.vectors > 0 ? { ...others, vectors } : others;
}

/** Loss before a step of Adam and after it, and the gradients before. */
async function step(device: string, name: string, form: string) {
  const net = (NETWORKS[name] as () => EquivariantNetwork)();
  const graphs = graphsFor(net);
  net.calibrate(graphs);
  await net.to(device);
  const given = await moved(FORMS[form]?.(graphs) as Graphs, device);
  const loss = (m: EquivariantNetwork): Tensor => {
    const { scalars, vectors } = m.forward(given);
    const all = [scalars, vectors].filter((x) => x !== undefined && x.size > 0);
    return all.map((x) => losses.mse(x, x.mul(0).add(0.5))).reduce((a, b) => a.add(b));
  };
  const both = valueAndGrad(loss);
  const [before, gradients] = both(net);
  const parts = await Promise.all(Object.values(gradients).map((g) => g.data()));
  adam(net, { lr: 0.01 }).step(gradients);
  const after = both(net)[0];
  const values = await Promise.all([before.data(), after.data()]);
  return { losses: values.map(([v]) => v as number), parts };
}

const length = (v: ArrayLike<number>): number => Math.hypot(...Array.from(v));

/** Tests of every network on the device gpu. */
export function lawsTests(): void {
  const cases = Object.keys(NETWORKS).flatMap((name) =>
    Object.keys(FORMS).map((form) => [name, form] as const),
  );

  test.each(cases)("%s, %s: values, gradients and a step are those of the cpu", async (...what) => {
    const [here, there] = [await step("cpu", ...what), await step("gpu", ...what)];
    there.losses.forEach((loss, i) => {
      expect(Math.abs(loss / (here.losses[i] as number) - 1)).toBeLessThan(1e-3);
    });
    there.parts.forEach((g, i) => {
      const wanted = here.parts[i] as ArrayLike<number>;
      const off = length(Array.from(g, (v, k) => v - (wanted[k] as number)));
      // gradients that are 0 up to rounding are compared with 1e-5
      expect(off).toBeLessThan(1e-3 * Math.max(1e-2, length(wanted)));
    });
  });

  describe.each(Object.keys(FORMS))("PONITA on %s", (form) => {
    const net = smallPonita({ dtype, grid: octahedron });
    const graphs = randomGraphs(3, 2, 5, dtype);
    net.calibrate(graphs);
    const run = async (g: DenseGraphs) => {
      await net.to("gpu");
      return net.forward(await moved(FORMS[form]?.(g) as Graphs, "gpu"));
    };

    test("follows translations and the rotations of its grid", async () => {
      const [scalars, vectors] = (await results(await run(graphs))) as [Tensor, Tensor];
      for (const k of [1, 5, 17]) {
        const rotation = octahedron.rotations()[k] as Matrix;
        const r = tensor(rotation, { dtype }).mT;
        const shift = rng(k).normal([3]);
        const turned = {
          ...graphs,
          positions: graphs.positions.matmul(r).add(shift),
          vectors: graphs.vectors.matmul(r),
        };
        await expectSame(await run(turned), [scalars, vectors.matmul(r)], 1e-4);
        expect(relativeError(vectors.matmul(r), vectors)).toBeGreaterThan(0.1);
      }
    });

    test("follows permutations of the nodes", async () => {
      const plain = await results(await run(graphs));
      const order = rng(9).permutation(5);
      const mixed = (x: Tensor, axes: readonly number[]) =>
        axes.reduce((y, axis) => take(y, order, { axis }), x);
      const permuted = {
        positions: mixed(graphs.positions, [1]),
        scalars: mixed(graphs.scalars, [1]),
        vectors: mixed(graphs.vectors, [1]),
        edges: mixed(graphs.edges, [1, 2]),
      };
      const wanted = plain.map((x) => mixed(x.reshape([2, 5, -1]), [1]).reshape(x.shape));
      await expectSame(await run(permuted), wanted, 1e-4);
      expect(relativeError(wanted[0] as Tensor, plain[0] as Tensor)).toBeGreaterThan(0.1);
    });
  });

  test("edge lists are made where the graphs are", async () => {
    const graphs = await moved(randomGraphs(1, 2, 3, dtype), "gpu");
    const list = toEdgeList(graphs);
    for (const x of [list.source, list.target, list.graph]) expect(x?.device).toBe("gpu");
    const here = toEdgeList(randomGraphs(1, 2, 3, dtype));
    const net = smallPonita({ dtype });
    const wanted = await results(net.forward(here));
    await net.to("gpu");
    await expectSame(
      scope(() => net.forward(list)),
      wanted,
      1e-4,
    );
  });
}
