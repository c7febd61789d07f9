/** @file No option of this package is ignored, and sizes are looked at before anything is made. */
import {
  assertEquivariant,
  ConvNeXtBlock,
  counterExamples,
  cyclicGroup,
  type DenseGraphs,
  EdgePonita,
  Egnn,
  equivarianceError,
  FramePonita,
  farthestPoints,
  featureCount,
  frameGrids,
  grids,
  groups,
  invariants,
  KernelBasis,
  knnGraph,
  PlainMlp,
  PlainTransformer,
  Pnita,
  Ponita,
  PonitaUNet,
  planeRotation,
  polynomialFeatures,
  radialBasis,
  radiusGraph,
  randomRotations,
  rotationAbout,
  SeparableConvolution,
  simulateNBody,
  spaces,
} from "@isograd/equivariant";
import { IsogradError, ones, rng, tensor, UsageError, zeros } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

const random = () => rng(0);
const points = () => rng(1).normal([4, 3]);
const small = () => ({
  inputs: { scalars: 1 },
  outputs: { scalars: 1 },
  channels: 4,
  layers: 1,
  rng: random(),
});
const networks = { Ponita, PonitaUNet, Pnita, FramePonita, EdgePonita, Egnn, PlainTransformer };

/** The message that a call ends with, soon. */
function refusal(call: () => unknown): string {
  const start = performance.now();
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(IsogradError);
    expect((error as IsogradError).help).toBeTypeOf("string");
    expect(performance.now() - start).toBeLessThan(20_000);
    return (error as Error).message;
  }
  return "taken";
}

/** Options as plain JavaScript may give them. */
const loose = (options: object) => options as never;

describe("names of options", () => {
  it.each(Object.entries(networks))("of %s: those of other libraries", (name, Network) => {
    const make = Network as new (options: never) => object;
    for (const [theirs, ours] of [
      ["hidden_dim", "channels"], // the authors' code of PONITA
      ["num_layers", "layers"],
      ["hidden_nf", "channels"], // the authors' code of EGNN
      ["n_layers", "layers"],
      ["in_node_nf", "inputs"],
      ["out_node_nf", "outputs"],
      ["num_interactions", "layers"], // PyTorch Geometric's SchNet
      ["hidden_channels", "channels"],
      ["generator", "rng"],
    ] as const) {
      const said = refusal(() => new make(loose({ ...small(), [theirs]: 1 })));
      expect(said).toMatch(
        new RegExp(`^${name}: has no option "${theirs}"\n {2}help: did you mean ${ours}\\? opt`),
      );
    }
    expect(refusal(() => new make(loose({ ...small(), inputs: { scalar: 1 } })))).toBe(
      `${name}.inputs: has no option "scalar"\n` +
        "  help: did you mean scalars? options: scalars, vectors, edges",
    );
  });

  it.each([
    // torch_geometric.nn.radius_graph(x, r, batch, loop), torch_geometric.nn.knn_graph(x, k, …)
    ["r", "cutoff", () => radiusGraph(points(), loose({ r: 2 }))],
    ["batch", "graph", () => radiusGraph(points(), loose({ cutoff: 2, batch: null }))],
    ["loop", "loops", () => knnGraph(points(), loose({ k: 2, loop: false }))],
    ["cell", "box", () => knnGraph(points(), loose({ k: 2, cell: [1, 1, 1] }))], // ASE
    ["batch", "graph", () => farthestPoints(points(), loose({ ratio: 0.5, batch: null }))],
    // e3nn.math.soft_one_hot_linspace(x, start, end, number, basis, cutoff)
    ["number", "size", () => radialBasis(ones([2]), 2, loose({ kind: "bessel", number: 8 }))],
    ["r_max", "cutoff", () => new Egnn(loose({ ...small(), r_max: 2 }))],
    ["atol", "tolerance", () => assertEquivariant((x) => x, {}, loose({ atol: 1 }))],
    ["seed", "rng", () => counterExamples("R3", invariants("R3"), loose({ seed: 1 }))],
    ["numSamples", "samples", () => simulateNBody(loose({ numSamples: 2 }))],
    ["type", "dtype", () => grids.circle(3).toTensor(loose({ type: "float64" }))],
    ["std", "", () => groups.SE3.random(random(), [], loose({ std: 2 }))],
    ["num_ori", "grid", () => new Ponita(loose({ ...small(), num_ori: 20 }))],
  ])("%s is %s here", (theirs, ours, call) => {
    const said = refusal(call);
    expect(said).toContain(`has no option "${theirs}"`);
    expect(said).toContain(ours === "" ? "help: options: " : `did you mean ${ours}?`);
  });

  it("shows the form to write for what is no object of options", () => {
    expect(refusal(() => radiusGraph(points(), loose([2])))).toBe(
      "radiusGraph: needs an object of options, got [2]\n" +
        "  help: write { name: value }; options: cutoff, graph, box, loops",
    );
    expect(refusal(() => radiusGraph(points(), 2 as never))).toContain("write { cutoff: 2 }");
    expect(refusal(() => knnGraph(points(), 2 as never))).toContain("write { k: 2 }");
    expect(refusal(() => new Ponita(undefined as never))).toContain("no random generator");
  });
});

describe("options that need another one", () => {
  const radial = { kind: "bessel", size: 4 } as const;
  const block = { channels: 4, basis: 4, widening: 1, layerScale: null, fibre: false };
  const dense = (more: object): DenseGraphs => ({
    positions: zeros([1, 3, 3]),
    scalars: ones([1, 3, 1]),
    ...more,
  });
  const list = (more: object) => ({
    positions: points(),
    scalars: ones([4, 1]),
    ...knnGraph(points(), { k: 1 }),
    ...more,
  });
  it.each([
    ["radial functions need a distance", () => new Ponita({ ...small(), radial })],
    ["pooling", () => new Ponita({ ...small(), pooling: "mean" })],
    ["window", () => new Pnita({ ...small(), window: "cosine" })],
    ["window", () => new Egnn({ ...small(), window: "cosine" })],
    ["kernels", () => new Ponita({ ...small(), interaction: "full", kernels: "fused" })],
    ["mixing", () => new Pnita({ ...small(), interaction: "mixing" })],
    ["attributes", () => new Ponita({ ...small(), attributes: "chiral" })],
    ["full", () => new EdgePonita(loose({ ...small(), interaction: "full" }))],
    ["full", () => new PonitaUNet(loose({ ...small(), interaction: "full" }))],
    ["mixing", () => new SeparableConvolution(4, 4, { rng: random(), fibre: false, mixing: true })],
    ["radial", () => basis().forward([ones([2])])],
    ["spread", () => groups.SO3.random(random(), [], { spread: 2 })],
    ["mask", () => new Ponita(small()).forward(loose(list({ mask: ones([4]) })))],
    ["source", () => new Ponita(small()).forward(loose(dense({ source: ones([2]) })))],
    ["graphs 2", () => new Ponita(small()).forward(loose(list({ graphs: 2 })))],
    ["graphs", () => equivarianceError((x) => x, dense({}), loose({ graphs: 2 }))],
    ["heads", () => new Ponita({ ...small(), interaction: "attention", heads: 3 })],
    ["heads", () => new PlainTransformer({ ...small(), heads: 3 })],
    ["heads", () => new ConvNeXtBlock({ ...block, rng: random(), heads: 1.5 })],
  ])("%s", (word, call) => {
    expect(refusal(call)).toContain(word);
  });
  const basis = () => new KernelBasis(1, 2, 2, { rng: random(), radial: { ...radial, cutoff: 2 } });
});

describe("sizes and values", () => {
  const sizes = [1e9, 1.5, -2, Number.NaN, Number.POSITIVE_INFINITY, "3"];
  it.each(Object.entries(networks))("%s refuses them before it makes a weight", (_, Network) => {
    const make = Network as new (options: never) => object;
    for (const name of ["channels", "layers"]) {
      for (const size of sizes) {
        const said = refusal(() => new make(loose({ ...small(), [name]: size })));
        expect(said).toContain(name);
        expect(said).toContain(String(size));
      }
    }
    const wide = { ...small(), channels: 1e6 };
    expect(refusal(() => new make(wide as never))).toMatch(/\d weights, more than 1073741824/);
  });

  const far = [
    ["grids.circle", () => grids.circle(2 ** 40), "at most 1048576: got 1099511627776"],
    ["grids.fibonacci", () => grids.fibonacci(3e7), "at most 1048576: got 30000000"],
    ["grids.repulsion", () => grids.repulsion(1e6), "at most 4096: got 1000000"],
    ["frameGrids.spiral", () => frameGrids.spiral(2 ** 40), "at most 1048576"],
    ["cyclicGroup", () => cyclicGroup(1e9), "at most 1048576: got 1000000000"],
    ["randomRotations", () => randomRotations(random(), 1e9), "at most 4194304"],
    ["SO3.random", () => groups.SO3.random(random(), [1e5, 1e5]), "at most 16777216"],
    ["R3xS2.random", () => spaces.R3xS2.random(random(), [1e9]), "at most 4194304"],
    ["featureCount", () => featureCount(100, 9), "more than 1048576 features"],
    ["polynomialFeatures", () => polynomialFeatures(points(), 40), "more than 1048576"],
    ["grids.fibonacci", () => new Ponita(small()).refined(1e8), "got 1600000000"],
    ["KernelBasis", () => new KernelBasis(500, 4, 4, { rng: random() }), "at most 32: got 500"],
    ["Ponita", () => new Ponita({ ...small(), inputs: { scalars: 1, edges: 90 } }), "got 92"],
    ["PlainMlp", () => new PlainMlp({ ...small(), nodes: 1e9 }), "nodes is a whole number"],
    ["simulateNBody", () => simulateNBody({ samples: 1, stepsPerFrame: 1e12 }), "at most 26843545"],
    ["simulateNBody", () => simulateNBody({ samples: 1, targetFrame: 1e12 }), "steps is a whole"],
    ["simulateNBody", () => simulateNBody({ samples: 1e12 }), "at most 1073741824"],
    ["simulateNBody", () => simulateNBody({ samples: 1, bodies: 1e9 }), "at most 65536"],
    ["simulateNBody", () => simulateNBody({ samples: 1, exponent: Number.NaN }), "exponent"],
    ["knnGraph", () => knnGraph(points(), { k: 1e9, box: [1, 1, 1] }), "at most 65536"],
    [
      "radiusGraph",
      () => radiusGraph(points(), { cutoff: 1e9, box: [1, 1, 1] }),
      "images in reach",
    ],
    ["radiusGraph", () => radiusGraph(points(), { cutoff: -1 }), "must be positive: got -1"],
    ["rotationAbout", () => rotationAbout([0, 0, Number.NaN], 1), "a list of 3 finite numbers"],
    ["planeRotation", () => planeRotation(Number.NaN), "a finite number: got NaN"],
  ] as const;
  it.each(far)("%s: %#", (op, call, said) => {
    const message = refusal(call);
    expect(message).toContain(`${op}: `);
    expect(message).toContain(said);
  });

  it("a search among points ends whatever the points and the box are", () => {
    const bad = tensor([
      [0, 0, 0],
      [0, Number.NaN, 1],
    ]);
    for (const call of [
      () => knnGraph(bad, { k: 1 }),
      () => knnGraph(bad, { k: 1, box: [1, 1, 1] }),
      () => radiusGraph(bad, { cutoff: 1, box: [1, 1, 1] }),
      () => farthestPoints(bad, { ratio: 0.5 }),
    ]) {
      expect(refusal(call)).toContain("positions contain NaN at [1, 1]");
    }
    for (const side of [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1e-320]) {
      for (const box of [
        [1, side, 1],
        [
          [1, 0, 0],
          [0, side, 0],
          [0, 0, side],
        ],
      ]) {
        if (side === -1 && Array.isArray(box[0])) continue; // spans the space, left-handed
        expect(refusal(() => knnGraph(points(), { k: 1, box: box as number[] }))).toContain("span");
        expect(refusal(() => radiusGraph(points(), { cutoff: 1, box: box as number[] }))).toContain(
          "does not span a space of 3 dimensions",
        );
      }
    }
    const huge = points().mul(1e30);
    expect(refusal(() => knnGraph(huge, { k: 5, box: [1, 1, 1] }))).not.toBe("");
    expect(knnGraph(points(), { k: 1e9 }).source.size).toBe(16);
  });

  it("the k nearest in a thin box are found among few images", () => {
    const one = tensor([[0, 0, 0]]);
    const { shifts } = knnGraph(one, { k: 1000, box: [1e-3, 1, 1], loops: false });
    // 500 images on each side of the point, all along the short side
    expect(shifts?.abs().max({ axis: 0 }).mul(1000).round().toArray()).toEqual([500, 0, 0]);
  });
});

it("wrong kinds of arguments are named", () => {
  expect(() => invariants("toString" as never)).toThrow(UsageError);
  expect(refusal(() => invariants("R3")(loose({}), loose({})))).toContain("points must be");
  expect(refusal(() => new Ponita({ ...small(), grid: loose([1, 2]) }))).toContain(
    "make one by grids",
  );
  expect(refusal(() => equivarianceError(loose({}), {}, {}))).toContain("model with forward");
});
