/** @file Calls with arguments that make no sense end in errors of the house, and soon. */
import * as all from "@isograd/equivariant";
import {
  ConvNeXtBlock,
  completeEdges,
  EdgeAttention,
  EdgePonita,
  Egnn,
  EquivariantNetwork,
  FramePonita,
  FullConvolution,
  frameGrids,
  grids,
  groups,
  identity,
  KernelBasis,
  MessagePassing,
  PlainMlp,
  PlainTransformer,
  Pnita,
  Ponita,
  PonitaUNet,
  SeparableConvolution,
  spaces,
  wire,
} from "@isograd/equivariant";
import { Module } from "@isograd/nn";
import { ones, rng, tensor } from "@isograd/tensor";
import { faultsOf, methodFaultsOf } from "@isograd/testkit";
import { describe, expect, it } from "vitest";

const make = () => ({ rng: rng(0), channels: 4, layers: 1 });
const sizes = () => ({ inputs: { scalars: 1 }, outputs: { scalars: 1 }, ...make() });
const graphs = () => ({ positions: rng(1).normal([1, 3, 3]), scalars: ones([1, 3, 1]) });
const list = () => ({
  positions: rng(1).normal([3, 3]),
  scalars: ones([3, 1]),
  ...completeEdges([3]),
});

const goods = {
  "a tensor": () =>
    tensor([
      [1, 2, 3],
      [3, 4, 5],
    ]),
  "2": () => 2,
  "a name": () => "R3",
  "a function": () => (x: unknown) => x,
  "an object": () => ({}),
  rng: () => rng(0),
  graphs,
  "a matrix": () => identity(3),
};

const few = { "a tensor": goods["a tensor"], "2": goods["2"] };
const functions = Object.entries(all).filter(([, f]) => typeof f === "function");

describe("functions and classes", () => {
  it.each(functions)("%s", async (name, f) => {
    const parent: unknown = Object.getPrototypeOf(f);
    const takesOptionsOnly = name.endsWith("Group") || parent === EquivariantNetwork;
    expect(await faultsOf(name, f, takesOptionsOnly ? few : goods)).toEqual([]);
  });
});

const layer = () => ({ rng: rng(0), fibre: false });

const methods = {
  grids: () => grids,
  "a grid": () => grids.circle(4),
  frameGrids: () => frameGrids,
  "a grid of frames": () => frameGrids.spiral(4),
  ...Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, () => group])),
  ...Object.fromEntries(
    Object.entries(spaces).map(([name, space]) => [`the space ${name}`, () => space]),
  ),
  "a wiring": () => wire("test", graphs(), { scalars: 1, vectors: 0, edgeScalars: 0 }),
  "a wiring of a list": () => wire("test", list(), { scalars: 1, vectors: 0, edgeScalars: 0 }),
  KernelBasis: () => new KernelBasis(1, 2, 2, { rng: rng(0) }),
  SeparableConvolution: () => new SeparableConvolution(2, 2, layer()),
  FullConvolution: () => new FullConvolution(2, 2, { rng: rng(0) }),
  MessagePassing: () => new MessagePassing(2, 2, layer()),
  EdgeAttention: () => new EdgeAttention(2, 2, { ...layer(), heads: 1 }),
  ConvNeXtBlock: () =>
    new ConvNeXtBlock({ channels: 2, basis: 2, widening: 1, layerScale: null, ...layer() }),
  Ponita: () => new Ponita({ ...sizes(), grid: grids.circle(4) }),
  PonitaUNet: () => new PonitaUNet({ ...sizes(), grid: grids.circle(4) }),
  Pnita: () => new Pnita(sizes()),
  FramePonita: () => new FramePonita(sizes()),
  EdgePonita: () => new EdgePonita(sizes()),
  Egnn: () => new Egnn(sizes()),
  PlainMlp: () => new PlainMlp({ ...sizes(), nodes: 3 }),
  PlainTransformer: () => new PlainTransformer(sizes()),
};

/** Symbols as names, which functions of tensors are to refuse. */
const ofTensors = /\{ (dtype|device): symbol \}/;

/** The methods that an object does not have of Module, which the tests of nn call. */
function own(object: object): object {
  const found: Record<string, unknown> = {};
  let at: object = object;
  while (at !== Object.prototype && at !== Module.prototype) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === "function" && name !== "constructor") found[name] = value.bind(object);
    }
    at = Object.getPrototypeOf(at) as object;
  }
  return found;
}

describe("methods", () => {
  it.each(Object.entries(methods))("of %s", async (name, make) => {
    const object = own(make()); // no bad call changes it
    const faults = await methodFaultsOf(name, () => object, few);
    expect(faults.filter((fault) => !ofTensors.test(fault))).toEqual([]);
  });
});
