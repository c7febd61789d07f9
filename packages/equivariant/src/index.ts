/**
 * @file Networks for points in the plane and in space that turn with their inputs: PONITA, EGNN and
 * their pieces, groups and invariants as data, and checks that any model passes or fails. Use it
 * when what you predict does not depend on the frame of reference: molecules, bodies that move,
 * letters at any angle.
 *
 * @example
 * const model = new Ponita({
 *   inputs: { scalars: 1, vectors: 1 }, // of each body: a charge, a velocity
 *   outputs: { vectors: 1 }, // a displacement
 *   channels: 8,
 *   layers: 1,
 *   grid: grids.platonic("octahedron"),
 *   rng: rng(0),
 * });
 * const random = rng(1);
 * const bodies = {
 *   positions: random.normal([4, 5, 3]), // 4 systems of 5 bodies
 *   scalars: random.normal([4, 5, 1]),
 *   vectors: random.normal([4, 5, 1, 3]),
 * };
 * model.forward(bodies).vectors.shape; // [4, 5, 1, 3]
 *
 * @see [Equivariant networks](/guide/equivariant)
 * @see [Benchmarks](/guide/benchmarks)
 */

// Groups and spaces: which motions there are, and what they move.

export {
  cyclicGroup,
  icosahedralGroup,
  octahedralGroup,
  tetrahedralGroup,
} from "./geometry/groups.js";
export {
  compose,
  determinant,
  identity,
  type Matrix,
  matricesEqual,
  rotatePoint,
  transpose,
} from "./geometry/matrix.js";
export {
  planeRotation,
  quaternionRotation,
  randomRotation,
  randomRotations,
  rotationAbout,
} from "./geometry/rotations.js";
export { type Group, type GroupName, groups, type RandomOptions } from "./theory/groups.js";
export { type HomogeneousSpace, type Points, type Space, spaces } from "./theory/spaces.js";

// Invariants: what a pair of points keeps under every motion, and why fewer numbers do not do.

export {
  type CounterExample,
  type CounterExampleOptions,
  counterExamples,
} from "./theory/counterExamples.js";
export { type Attributes, invariants, type PairInvariants } from "./theory/invariants.js";
export type { Pair } from "./theory/pairs.js";

// Grids: directions and frames that stand for all of them.

export type { Fibre, FibreSizes, Read, SpatialInvariants } from "./fibres/fibre.js";
export { type FrameGrid, frameGrids } from "./geometry/frames.js";
export { type Grid, grids, type Solid } from "./geometry/grids.js";

// Graphs: which points see each other, all of them or neighbours, in boxes that repeat too.

export type { Box } from "./graphs/box.js";
export type { FeatureSizes } from "./graphs/checks.js";
export { farthestPoints } from "./graphs/farthest.js";
export {
  completeEdges,
  type DenseGraphs,
  type EdgeListGraphs,
  type Graphs,
  isDense,
  toEdgeList,
} from "./graphs/graph.js";
export type { Halves } from "./graphs/halves.js";
export { type Edges, knnGraph, type NeighbourOptions, radiusGraph } from "./graphs/neighbours.js";
export { wire } from "./graphs/wire.js";
export type { Links, Wiring } from "./graphs/wiring.js";

// Features: functions of invariants that kernels are made of.

export { featureCount, polynomialFeatures } from "./features/polynomial.js";
export { type RadialBasis, radialBasis } from "./features/radial.js";
export { cosineWindow, polynomialWindow, type WindowName } from "./features/window.js";

// Layers: convolutions whose kernels are functions of invariants, and what surrounds them.

export { KernelBasis } from "./layers/basis.js";
export { type BlockOptions, ConvNeXtBlock } from "./layers/block.js";
export { type ConvolutionOptions, SeparableConvolution } from "./layers/convolution.js";
export { EdgeAttention, type EdgeAttentionOptions } from "./layers/edgeAttention.js";
export { FullConvolution } from "./layers/fullConvolution.js";
export { InteractionLayer, type Kernels } from "./layers/interaction.js";
export type { InteractionName } from "./layers/interactions.js";
export { lift, type ReadFrame, readOut } from "./layers/lift.js";
export { MessagePassing } from "./layers/messagePassing.js";

// Models: whole networks, equivariant ones and plain ones to compare them with.

export { EdgePonita, type EdgePonitaOptions } from "./models/edgePonita.js";
export { Egnn, type EgnnOptions } from "./models/egnn.js";
export { FramePonita, type FramePonitaOptions } from "./models/framePonita.js";
export { type Arrangement, EquivariantNetwork, type Outputs } from "./models/network.js";
export type { NetworkOptions, Resolved } from "./models/options.js";
export {
  PlainMlp,
  type PlainMlpOptions,
  type PlainOptions,
  PlainTransformer,
  type PlainTransformerOptions,
} from "./models/plain.js";
export { Pnita, type PnitaOptions } from "./models/pnita.js";
export { Ponita, type PonitaOptions } from "./models/ponita.js";
export { PonitaUNet, type PonitaUNetOptions } from "./models/ponitaUNet.js";

// Checks: how far a model is from equivariant under random motions.

export { assertEquivariant, equivarianceError } from "./check/equivariance.js";
export type {
  DrawnOptions,
  EquivarianceEntry,
  EquivarianceOptions,
  Equivariant,
  MotionGroup,
} from "./check/options.js";
export type { Kind } from "./check/sample.js";
export type { TransformName } from "./check/transforms.js";
export { EquivarianceError } from "./errors.js";

// Simulators and data: bodies that attract each other, and files of molecules.

export { type Qm9Molecule, type Qm9Property, readQm9 } from "./data/qm9.js";
export { type MoleculePoses, readRmd17 } from "./data/rmd17.js";
export type { Interaction } from "./simulate/forces.js";
export { type NBodyData, type NBodyOptions, simulateNBody } from "./simulate/nbody.js";
