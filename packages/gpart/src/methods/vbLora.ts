/**
 * @file VB-LoRA: A and B of all targets consist of sub-vectors that are mixtures of one trained
 * bank.
 */
import { type Module, Parameter } from "@isograd/nn";
import {
  expandDims,
  matmul,
  permuteDims,
  reshape,
  rng,
  scope,
  softmax,
  type Tensor,
  take,
  topK,
  UsageError,
} from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { Adapter } from "../adapters/adapter.js";
import { findTargets, firstOf, type Target } from "../adapters/targets.js";
import { type Loader, readNumbers, readSeed } from "./loader.js";
import { minusProduct } from "./lora.js";
import {
  type AdapterOptions,
  checkCount,
  inModel,
  type Method,
  matrixShape,
  moduleName,
  seedField,
  storage,
} from "./method.js";
import { ADAPTER, checkModel, synonyms } from "./options.js";

/** What {@link vbLora} takes. */
export interface VbLoraOptions extends AdapterOptions {
  /** Rank r of every ΔW; default: 4. */
  readonly rank?: number | undefined;
  /** Number h of vectors in the bank; default: 256. */
  readonly vectors?: number | undefined;
  /**
   * Length b of each vector, a divisor of all sides of all targets; default: the largest such
   * divisor.
   */
  readonly vectorLength?: number | undefined;
  /** Number k of vectors in each mixture; default: 2. */
  readonly topK?: number | undefined;
}

/**
 * Adapts a model by VB-LoRA: `W = W0 + B A`, where every piece of b numbers of A [r, in] (along
 * rows) and of B [out, r] (along columns) is `Σ_{j ∈ top k} softmax(logits)_j · bank_j` over the k
 * largest of its own h logits. The bank [h, b] is drawn from U(−0.02, 0.02), logits from N(0,
 * 0.1²); so the first ΔW is small but not 0.
 *
 * Source: arXiv 2405.15179.
 *
 * @throws UsageError when a side of a target is not a multiple of b, or an option is out of range.
 * @example
 * const adapter = vbLora(new MLP([4, 8, 2], { rng: rng(0) }), { rank: 1, vectors: 3 });
 * adapter.parameterCount; // 39
 */
export function vbLora<M extends Module>(model: M, asked?: VbLoraOptions): Adapter<M> {
  checkModel("vbLora", model);
  const options = given(
    "vbLora",
    asked,
    `rank# vectors# vectorLength# topK# ${ADAPTER}` as const,
    synonyms,
  );
  const targets = findTargets(model, options);
  const { rank = 4, vectors = 256, topK: k = 2, seed = 0 } = options;
  for (const [name, value] of Object.entries({ rank, vectors, topK: k })) {
    checkCount("vbLora", name, value);
  }
  if (k > vectors) {
    throw new UsageError(
      "vbLora",
      `a mixture of ${k} vectors, of a bank of ${vectors}`,
      "take a smaller topK",
    );
  }
  const sizes = { rank, vectors, vectorLength: lengthFor(targets, options), topK: k, seed };
  return new Adapter({ model, targets, make: () => vbLoraMethod(targets, sizes), options });
}

/** Loads a saved VB-LoRA adapter. */
export const vbLoraLoader: Loader = {
  make(model, options, fields) {
    const own = readNumbers(fields, {
      rank: "r",
      vectors: "num_vectors",
      vectorLength: "vector_length",
      topK: "topk",
    });
    return vbLora(model, { ...options, ...own, seed: readSeed(fields, "seed") });
  },
  *trained(targets, fields) {
    const names = { r: "r", h: "num_vectors", b: "vector_length" };
    const { r, h, b } = readNumbers(fields, names);
    lengthFor(targets, { vectorLength: b });
    yield [fileName("vblora_vector_bank"), [h, b]];
    for (const target of targets) {
      const [rows, columns] = matrixShape("vbLora", target);
      yield [fileName(`${moduleName(target)}.vblora_logits_A`), [r, columns / b, h]];
      yield [fileName(`${moduleName(target)}.vblora_logits_B`), [rows / b, r, h]];
    }
  },
  sizes: [
    ["base_model.vblora_vector_bank", "num_vectors"],
    [".vblora_logits_A", "r"],
  ],
};

const fileName = (name: string) =>
  name === "vblora_vector_bank" ? `base_model.${name}` : inModel(name);

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** The given length, or the greatest common divisor of all sides. */
function lengthFor(targets: readonly Target[], { vectorLength }: VbLoraOptions): number {
  const common = targets.flatMap((target) => matrixShape("vbLora", target)).reduce(divisor);
  const length = vectorLength ?? common;
  checkCount("vbLora", "vectorLength", length);
  if (common % length === 0) return length;
  const problem = `vectors of ${length} numbers do not fill the sides of all targets`;
  throw new UsageError("vbLora", problem, `take a divisor of ${common}`);
}

/** The method's own options, with defaults filled in. */
interface Sizes {
  readonly rank: number;
  readonly vectors: number;
  readonly vectorLength: number;
  readonly topK: number;
  readonly seed: number | bigint;
}

function vbLoraMethod(targets: readonly Target[], sizes: Sizes): Method {
  const { rank, vectors, vectorLength, topK: k, seed } = sizes;
  const { dtype, device } = firstOf(targets);
  const random = rng(`vblora ${seed}`);
  const range = { low: -0.02, high: 0.02, dtype, device };
  const bank = new Parameter(random.uniform([vectors, vectorLength], range));
  const logitsFor = (pieces: readonly [number, number]) =>
    new Parameter(random.normal([...pieces, vectors], { std: 0.1, dtype, device }));
  const trained: Record<string, Parameter> = { vblora_vector_bank: bank };
  const pairs = targets.map((target) => {
    const [rows, columns] = matrixShape("vbLora", target);
    const a = logitsFor([rank, columns / vectorLength]);
    const b = logitsFor([rows / vectorLength, rank]);
    trained[`${moduleName(target)}.vblora_logits_A`] = a;
    trained[`${moduleName(target)}.vblora_logits_B`] = b;
    return { target, a, b, rows, columns };
  });
  const minusDelta = (): Tensor[] =>
    pairs.map(({ target, a, b, rows, columns }) =>
      scope(() => {
        const left = permuteDims(mixtures(bank.value, b.value, k), [0, 2, 1]);
        const right = mixtures(bank.value, a.value, k);
        const [tall, wide] = [reshape(left, [rows, rank]), reshape(right, [rank, columns])];
        return minusProduct(tall, wide, 1, target);
      }),
    );
  return {
    name: "VBLORA",
    addition: "none",
    trained,
    minusDelta,
    config: {
      r: rank,
      num_vectors: vectors,
      vector_length: vectorLength,
      topk: k,
      seed: seedField(seed),
      ...storage(targets),
    },
    fileName,
  };
}

/** For logits […, h]: `Σ_j softmax(the k largest)_j bank_j`, […, b]. */
function mixtures(bank: Tensor, logits: Tensor, k: number): Tensor {
  const [largest, places] = topK(logits, k);
  const weights = expandDims(softmax(largest), -2);
  const mixed = matmul(weights, take(bank, places)); // […, 1, k] @ […, k, b]
  return reshape(mixed, [...logits.shape.slice(0, -1), bank.shape[1] as number]);
}
