/**
 * @file Counter-examples to attributes: equivalent pairs with different attributes, and
 * inequivalent pairs with equal ones.
 */
import { noGrad } from "@isograd/autograd";
import { type Rng, rng, scope, type Tensor, UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { expectFunction, expectOneOf, expectRng, expectTensorOf, expectWhole } from "../expect.js";
import { reach } from "./collide.js";
import type { PairInvariants } from "./invariants.js";
import { classDistance, type Pair, seenFromReceiver } from "./pairs.js";
import { expectSpace, type HomogeneousSpace, type Points, type Space, spaces } from "./spaces.js";

/** Two pairs in float64 that show that attributes fail. */
export interface CounterExample {
  /**
   * - `"not invariant"`: the pairs are equivalent, and the attributes differ;
   * - `"not separating"`: the attributes are equal, and the pairs are not equivalent.
   */
  readonly kind: "not invariant" | "not separating";
  readonly pair: Pair;
  readonly other: Pair;
  readonly attributes: readonly number[];
  readonly otherAttributes: readonly number[];
  /** Largest difference of the attributes. */
  readonly difference: number;
  /** Remaining distance when one pair is moved onto the other; 0 for equivalent pairs. */
  readonly distance: number;
  /** Whether one pair is the mirror image of the other. */
  readonly mirrored: boolean;
}

export interface CounterExampleOptions {
  /**
   * Whether a pair and its mirror image count as equivalent; default: "same". "different" tests
   * attributes for SE(n) alone.
   */
  readonly mirrorImages?: "same" | "different" | undefined;
  /** Number of random pairs to try; default: 24. */
  readonly pairs?: number | undefined;
  /** Generator of the pairs; default: `rng(0)`. */
  readonly rng?: Rng | undefined;
}

/**
 * Pairs at a smaller distance count as equivalent; attributes with a smaller difference count as
 * equal.
 */
const DISTINCT = 0.05;
const EQUAL = 1e-8;
/** The most pairs: the time grows with their number. */
const MOST = 2 ** 16;

/**
 * Searches for counter-examples that show that attributes of pairs are not invariant, or that they
 * do not separate. Attributes are any differentiable function of a receiver and a sender.
 *
 * Invariance: random pairs are moved by random elements of SE(n). Separation: for each random pair,
 * a second random sender is moved along the group until its attributes are equal
 * (Levenberg–Marquardt). If the two pairs then cannot be moved onto each other, the attributes do
 * not separate them. An empty result is not a proof.
 *
 * @param attributes from points [n, …] to attributes [n, k]
 * @throws UsageError for an unknown space, or attributes of another shape.
 * @example
 * counterExamples("R3xS2", invariants("R3xS2", "complete")); // []
 * const found = counterExamples("R3xS2", invariants("R3xS2", "paper"));
 * found[0]?.kind; // not separating
 * counterExamples("R3", (_, sender) => sender.position)[0]?.kind; // not invariant
 */
export function counterExamples(
  space: Space,
  attributes: PairInvariants,
  options?: CounterExampleOptions,
): CounterExample[] {
  const op = "counterExamples";
  const names = "pairs# mirrorImages rng";
  const { pairs = 24, mirrorImages = "same", rng: seed = rng(0) } = given(op, options, names);
  expectSpace(op, space);
  expectFunction(op, "attributes", attributes, "take invariants(space), or a function of yours");
  expectWhole(op, "pairs", pairs, 1, MOST);
  expectOneOf(op, "mirror images are not", mirrorImages, ["same", "different"]);
  expectRng(op, seed);
  const home = spaces[space];
  const random = rng(seed.nextInt(2 ** 31), { dtype: "float64" });
  return scope(() => {
    const drawn = {
      receiver: home.random(random, [pairs]),
      sender: home.random(random, [pairs]),
    };
    const known = noGrad(() => attributes(drawn.receiver, drawn.sender));
    expectTensorOf(op, "the attributes", known);
    if (known.shape.length !== 2 || known.shape[0] !== pairs) {
      throw new UsageError(
        op,
        `attributes of ${pairs} pairs have the shape [${known.shape.join(", ")}]`,
        `give [${pairs}, k]: one row for each pair`,
      );
    }
    return [
      ...variable(home, attributes, random, drawn, known),
      ...colliding(home, attributes, random, drawn, known, mirrorImages === "same"),
    ];
  });
}

/** Pairs whose attributes change when both points are moved. */
function variable(
  space: HomogeneousSpace,
  attributes: PairInvariants,
  random: Rng,
  { receiver, sender }: Pair,
  known: Tensor,
): CounterExample[] {
  const n = known.shape[0] as number;
  const g = space.group.random(random, [n]);
  const other = { receiver: space.act(g, receiver), sender: space.act(g, sender) };
  const found = noGrad(() => attributes(other.receiver, other.sender));
  return compared({ receiver, sender }, other, known, found).flatMap((example) => {
    const size = Math.max(1, ...example.attributes.map(Math.abs));
    if (example.difference <= EQUAL * size) return [];
    return [{ ...example, kind: "not invariant", distance: 0, mirrored: false }];
  });
}

/** Pairs with the same attributes as an inequivalent pair. */
function colliding(
  space: HomogeneousSpace,
  attributes: PairInvariants,
  random: Rng,
  pair: Pair,
  known: Tensor,
  mirrorsAgree: boolean,
): CounterExample[] {
  const n = known.shape[0] as number;
  const search = { space, attributes, receiver: pair.receiver, wanted: known };
  const { sender, gaps } = reach(search, space.random(random, [n]));
  const other = { receiver: pair.receiver, sender };
  const [a, b] = [seenFromReceiver(space, pair), seenFromReceiver(space, other)];
  const reached = noGrad(() => attributes(other.receiver, other.sender));
  return compared(pair, other, known, reached).flatMap((example, i) => {
    if (!(gaps[i]! < EQUAL)) return [];
    const distance = classDistance(space, a[i]!, b[i]!, false);
    const mirrored = classDistance(space, a[i]!, b[i]!, true) < DISTINCT;
    if (distance < DISTINCT || (mirrored && mirrorsAgree)) return [];
    return [{ ...example, kind: "not separating", distance, mirrored }];
  });
}

type Compared = Omit<CounterExample, "kind" | "distance" | "mirrored">;

/** The pairs of two batches, one by one, with their attributes. */
function compared(pair: Pair, other: Pair, known: Tensor, found: Tensor): Compared[] {
  const rows = known.toArray() as number[][];
  const others = found.toArray() as number[][];
  return rows.map((row, i) => ({
    pair: { receiver: at(pair.receiver, i), sender: at(pair.sender, i) },
    other: { receiver: at(other.receiver, i), sender: at(other.sender, i) },
    attributes: row,
    otherAttributes: others[i]!,
    difference: Math.max(...row.map((x, c) => Math.abs(x - others[i]![c]!))),
  }));
}

/** The i-th of a batch of points. */
function at({ position, orientation, frame }: Points, i: number): Points {
  return {
    position: position.slice([i]),
    ...(orientation && { orientation: orientation.slice([i]) }),
    ...(frame && { frame: frame.slice([i]) }),
  };
}
