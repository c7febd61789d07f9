/**
 * @file Losses: how far a prediction is from a target, as one number or one for each element.
 */
import {
  abs,
  any,
  DTypeError,
  equal,
  greater,
  isInf,
  less,
  log,
  logicalAnd,
  logicalOr,
  logSoftmax,
  notEqual,
  onesLike,
  ShapeError,
  scope,
  softplus,
  square,
  Tensor,
  take,
  takeAlongAxis,
  UsageError,
  where,
} from "@isograd/tensor";
import {
  expectTensor,
  formatShape,
  given,
  isFloat,
  shapesEqual,
  shown,
} from "@isograd/tensor/engine";
import { isNumber } from "./expect.js";

/** Options of other libraries, and ours. */
const THEIRS = new Map([["posweight", ["positiveWeight"]]]);

/** Classes count from the front: a negative one is an error. */
const CLASSES = { fromEnd: false } as const;

/** How the losses of single elements are reduced. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** Default: the mean. As in PyTorch, the mean of no elements is NaN, and their sum is 0. */
  readonly reduction?: Reduction | undefined;
}

function reduced(values: Tensor, { reduction = "mean" }: LossOptions): Tensor {
  return reduction === "none" ? values : reduction === "sum" ? values.sum() : values.mean();
}

function checkReduction({ reduction = "mean" }: LossOptions): void {
  if (reduction === "mean" || reduction === "sum" || reduction === "none") return;
  const problem = `there is no reduction ${shown(reduction)}`;
  throw new UsageError("losses", problem, "mean, sum or none");
}

/** Losses do not broadcast: [n, 1] against [n] would silently become [n, n]. */
function checkSame(op: string, prediction: Tensor, target: Tensor, how: LossOptions): void {
  checkReduction(how);
  expectTensor(op, prediction);
  expectTensor(op, target);
  if (shapesEqual(prediction.shape, target.shape)) return;
  throw new ShapeError(
    op,
    `prediction ${formatShape(prediction.shape)} and target ${formatShape(target.shape)} differ`,
    "losses do not broadcast: reshape one of them",
  );
}

/** `p − t`; integers become floats first, since their differences and squares would wrap. */
function difference(prediction: Tensor, target: Tensor): Tensor {
  const whole = !isFloat(prediction.dtype) && !isFloat(target.dtype);
  return (whole ? prediction.cast("float32") : prediction).sub(target);
}

/**
 * Mean squared error: `mean((p − t)²)`.
 *
 * @throws ShapeError unless both have the same shape.
 * @example
 * mse(tensor([1, 2]), tensor([1, 4])).item(); // 2
 */
export function mse(prediction: Tensor, target: Tensor, options?: LossOptions): Tensor {
  const how = given("mse", options, "reduction");
  checkSame("mse", prediction, target, how);
  return scope(() => reduced(square(difference(prediction, target)), how));
}

/**
 * Mean absolute error: `mean(|p − t|)`.
 *
 * @throws ShapeError unless both have the same shape.
 * @example
 * l1(tensor([1, 2]), tensor([1, 4])).item(); // 1
 */
export function l1(prediction: Tensor, target: Tensor, options?: LossOptions): Tensor {
  const how = given("l1", options, "reduction");
  checkSame("l1", prediction, target, how);
  return scope(() => reduced(abs(difference(prediction, target)), how));
}

/**
 * Huber's loss of `d = p − t`: `d²/2` where `|d| ≤ δ`, `δ(|d| − δ/2)` beyond. δ is `delta`;
 * default: 1. The second derivative is 1 where `|d| ≤ δ`, else 0.
 *
 * @throws ShapeError unless both have the same shape.
 * @example
 * huber(tensor([0, 0]), tensor([1, 3])).item(); // 1.5
 */
export function huber(
  prediction: Tensor,
  target: Tensor,
  options?: LossOptions & { readonly delta?: number | undefined },
): Tensor {
  const how = given("huber", options, "reduction delta#");
  checkSame("huber", prediction, target, how);
  const { delta = 1 } = how;
  if (!(delta > 0)) {
    const help = "it is the error from which the loss grows linearly, 1 by default";
    throw new UsageError("huber", `delta must be positive, got ${delta}`, help);
  }
  return scope(() => {
    // With c = d clipped to ±δ, c(d − c/2) is both branches at once, and c is its derivative.
    const d = difference(prediction, target);
    const c = d.clip({ min: -delta, max: delta });
    return reduced(c.mul(d.sub(c.mul(0.5))), how);
  });
}

/** Smoothing, the weights of classes, and which class is ignored. */
export interface CrossEntropyOptions extends LossOptions {
  /** ε from 0 to 1: the target becomes `(1 − ε) t + ε/C`; default: 0. */
  readonly labelSmoothing?: number | undefined;
  /** Weight of each class, [C]; default: 1. */
  readonly classWeights?: Tensor | undefined;
  /** Rows with this class index do not count, such as padding; it may be outside [0, C). */
  readonly ignoreIndex?: number | undefined;
}

/**
 * Cross-entropy of logits […, C] with classes: `−log softmax(x)[t]`, averaged. Targets are class
 * indices (int32, […]) or probabilities (floats, […, C]).
 *
 * With class indices, the mean is the sum divided by the weights of the rows that count, as in
 * PyTorch; if no row counts it is NaN. Rows with the ignored index or, without smoothing, with a
 * class of weight 0 add 0 to the loss and to the gradient, whatever their logits are; so does a
 * probability of 0 at a logit of −∞.
 *
 * @throws ShapeError when the shapes do not fit or a class is outside [0, C); UsageError for an
 * ignored index with probabilities, which have no index.
 * @example
 * crossEntropy(tensor([[0, 0]]), tensor([1], { dtype: "int32" })).item().toFixed(4); // 0.6931
 */
export function crossEntropy(
  logits: Tensor,
  targets: Tensor,
  options?: CrossEntropyOptions,
): Tensor {
  const how = given("crossEntropy", options, "reduction labelSmoothing# classWeights ignoreIndex#");
  const { labelSmoothing: eps = 0, classWeights, ignoreIndex } = how;
  checkReduction(how);
  if (!(eps >= 0 && eps <= 1)) {
    const help = "it is the share of the target that all classes get alike, such as 0.1";
    throw new UsageError("crossEntropy", `labelSmoothing is between 0 and 1: got ${eps}`, help);
  }
  checkClasses(logits, targets);
  checkWeights(logits, targets, how);
  return scope(() => {
    const smooth = (hit: Tensor, weighted: Tensor) =>
      (eps === 0 ? hit : hit.mul(1 - eps).add(weighted.mean({ axis: -1 }).mul(eps))).neg();
    if (targets.dtype !== "int32") {
      const some = any(notEqual(targets, 0), { axis: -1 });
      const weighted = weigh(logSoftmax(harmless(logits, null, some)), classWeights);
      return reduced(smooth(weigh(weighted, targets).sum({ axis: -1 }), weighted), how);
    }
    const counts = ignoreIndex === undefined ? null : notEqual(targets, ignoreIndex);
    const classes = counts === null ? targets : where(counts, targets, 0);
    const weights = classWeights === undefined ? null : take(classWeights, classes, CLASSES);
    const heavy = weights === null || eps > 0 ? null : notEqual(weights, 0);
    const weighted = weigh(logSoftmax(harmless(logits, counts, heavy)), classWeights);
    const all = smooth(
      takeAlongAxis(weighted, classes.expandDims(-1), CLASSES).squeeze(-1),
      weighted,
    );
    const loss = orZero(all, counts);
    if ((how.reduction ?? "mean") !== "mean") return reduced(loss, how);
    if (weights === null && counts === null) return loss.mean();
    return loss.sum().div(orZero(weights ?? onesLike(loss), counts).sum());
  });
}

/** x where the condition is true, else 0; without a condition, x. */
function orZero(x: Tensor, condition: Tensor | null): Tensor {
  return condition === null ? x : where(condition, x, 0);
}

/** Logarithms times weights, of classes or as probabilities; 0 times −∞ is 0. */
function weigh(logs: Tensor, w: Tensor | undefined): Tensor {
  if (w === undefined) return logs;
  const none = logicalAnd(equal(w, 0), equal(logs, Number.NEGATIVE_INFINITY));
  return where(none, 0, logs).mul(w);
}

/**
 * Logits with some rows replaced by 0: rows that do not count, and rows of weight 0 whose largest
 * logit is not finite. No NaN of such a row reaches the loss or a gradient.
 */
function harmless(logits: Tensor, counts: Tensor | null, weighty: Tensor | null): Tensor {
  const known = counts === null ? logits : where(counts.expandDims(-1), logits, 0);
  if (weighty === null) return known;
  const finite = less(abs(known.max({ axis: -1 })), Number.POSITIVE_INFINITY);
  return where(logicalOr(weighty, finite).expandDims(-1), known, 0);
}

function checkWeights(logits: Tensor, targets: Tensor, options: CrossEntropyOptions): void {
  const { classWeights, ignoreIndex } = options;
  if (classWeights !== undefined) expectTensor("crossEntropy", classWeights);
  const classes = logits.shape.slice(-1);
  if (classWeights !== undefined && !shapesEqual(classWeights.shape, classes)) {
    throw new ShapeError(
      "crossEntropy",
      `classWeights ${formatShape(classWeights.shape)} do not fit ` +
        `logits ${formatShape(logits.shape)}`,
      `they need the shape ${formatShape(classes)}: one weight for each class`,
    );
  }
  if (ignoreIndex !== undefined && !Number.isInteger(ignoreIndex)) {
    const help = "give the index of padding, such as -100";
    throw new UsageError("crossEntropy", `ignoreIndex is a class index: got ${ignoreIndex}`, help);
  }
  if (ignoreIndex !== undefined && targets.dtype !== "int32") {
    const help = "leave it out, or give class indices, which are int32";
    throw new UsageError("crossEntropy", "probabilities have no index to ignore", help);
  }
}

function checkClasses(logits: Tensor, targets: Tensor): void {
  expectTensor("crossEntropy", logits);
  expectTensor("crossEntropy", targets);
  const lead = logits.shape.slice(0, -1);
  const [x, t] = [formatShape(logits.shape), formatShape(targets.shape)];
  if (targets.dtype === "int32") {
    if (logits.shape.length > 0 && shapesEqual(lead, targets.shape)) return;
    throw new ShapeError(
      "crossEntropy",
      `logits ${x} need class indices ${formatShape(lead)}, got ${t}`,
      "the last axis of the logits counts the classes",
    );
  }
  if (targets.dtype === "bool") {
    throw new DTypeError("crossEntropy", "targets are bool", 'cast them: t.cast("int32")');
  }
  if (shapesEqual(logits.shape, targets.shape)) return;
  throw new ShapeError(
    "crossEntropy",
    `float targets are probabilities and need the shape of the logits ${x}, got ${t}`,
    'class indices are int32: tensor(…, { dtype: "int32" })',
  );
}

/**
 * Binary cross-entropy of logits x with targets t in [0, 1]:
 * `−w t log σ(x) − (1 − t) log(1 − σ(x))`, computed without overflow. w is `positiveWeight`;
 * default: 1. At a logit of ∞ for target 1, and of −∞ for target 0, the loss and its gradient are
 * 0.
 *
 * @throws ShapeError unless both have the same shape.
 * @example
 * binaryCrossEntropyWithLogits(tensor([0]), tensor([1])).item().toFixed(4); // 0.6931
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  targets: Tensor,
  options?: LossOptions & { readonly positiveWeight?: number | Tensor | undefined },
): Tensor {
  const op = "binaryCrossEntropyWithLogits";
  const how = given(op, options, "reduction positiveWeight", THEIRS);
  checkSame(op, logits, targets, how);
  const { positiveWeight: w } = how;
  if (w !== undefined && !(w instanceof Tensor) && !isNumber(w, (x) => x >= 0)) {
    const help = "give a number from 0, or a tensor that broadcasts to the targets";
    throw new UsageError(op, `positiveWeight is ${shown(w)}`, help);
  }
  return scope(() => {
    // −log(1 − σ(x)) = softplus(x) and −log σ(x) = softplus(−x). Computing one as the other plus
    // or minus x would round its small values to 0.
    const certain = logicalAnd(isInf(logits), equal(greater(logits, 0), targets));
    const x = where(certain, 0, logits);
    const positive = softplus(x.neg()).mul(w === undefined ? targets : targets.mul(w));
    const loss = positive.add(softplus(x).mul(targets.neg().add(1)));
    return reduced(where(certain, 0, loss), how);
  });
}

/**
 * Kullback–Leibler divergence `Σ p (log p − log q)` over the last axis, then reduced, of
 * log-probabilities `logQ` […, C] of the model and probabilities `p` […, C], where `0 log 0 = 0`:
 * classes with p = 0 add nothing to the loss or its gradients. `reduction: "mean"` is PyTorch's
 * `batchmean`.
 *
 * @throws ShapeError unless both have the same shape.
 * @example
 * klDivergence(logSoftmax(tensor([0, 0])), tensor([1, 0])).item().toFixed(4); // 0.6931
 */
export function klDivergence(logQ: Tensor, p: Tensor, options?: LossOptions): Tensor {
  const how = given("klDivergence", options, "reduction");
  checkSame("klDivergence", logQ, p, how);
  return scope(() => {
    const positive = greater(p, 0);
    const logP = log(where(positive, p, 1));
    const terms = where(positive, p.mul(logP.sub(where(positive, logQ, 0))), 0);
    return reduced(terms.sum({ axis: -1 }), how);
  });
}
