/** @file Public names of @isograd/equivariant. */

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
export { type Qm9Molecule, type Qm9Property, readQm9 } from "./data/qm9.js";
export { type MoleculePoses, readRmd17 } from "./data/rmd17.js";
export { EquivarianceError } from "./errors.js";
export { featureCount, polynomialFeatures } from "./features/polynomial.js";
export { type RadialBasis, radialBasis } from "./features/radial.js";
export { cosineWindow, polynomialWindow, type WindowName } from "./features/window.js";
export type { Fibre, FibreSizes, Read, SpatialInvariants } from "./fibres/fibre.js";
export { type FrameGrid, frameGrids } from "./geometry/frames.js";
export { type Grid, grids, type Solid } from "./geometry/grids.js";
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
export { KernelBasis } from "./layers/basis.js";
export { type BlockOptions, ConvNeXtBlock } from "./layers/block.js";
export { type ConvolutionOptions, SeparableConvolution } from "./layers/convolution.js";
export { EdgeAttention, type EdgeAttentionOptions } from "./layers/edgeAttention.js";
export { FullConvolution } from "./layers/fullConvolution.js";
export { InteractionLayer, type Kernels } from "./layers/interaction.js";
export type { InteractionName } from "./layers/interactions.js";
export { lift, type ReadFrame, readOut } from "./layers/lift.js";
export { MessagePassing } from "./layers/messagePassing.js";
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
export type { Interaction } from "./simulate/forces.js";
export { type NBodyData, type NBodyOptions, simulateNBody } from "./simulate/nbody.js";
export {
  type CounterExample,
  type CounterExampleOptions,
  counterExamples,
} from "./theory/counterExamples.js";
export { type Group, type GroupName, groups, type RandomOptions } from "./theory/groups.js";
export { type Attributes, invariants, type PairInvariants } from "./theory/invariants.js";
export type { Pair } from "./theory/pairs.js";
export { type HomogeneousSpace, type Points, type Space, spaces } from "./theory/spaces.js";
