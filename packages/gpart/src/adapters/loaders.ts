/** @file The methods by their name in a file: how each is made again from its configuration. */
import type { Module } from "@isograd/nn";
import { bitFit } from "../methods/bitFit.js";
import { denseProjection } from "../methods/denseProjection.js";
import { fastfood } from "../methods/fastfood.js";
import { fourierFt } from "../methods/fourierFt.js";
import { type FullOptions, fullFineTune } from "../methods/fullFineTune.js";
import { type GPartOptions, gpart } from "../methods/gpart.js";
import { headOnly } from "../methods/headOnly.js";
import { lora } from "../methods/lora.js";
import type { AdapterOptions, MethodName } from "../methods/method.js";
import { tiedLora } from "../methods/tiedLora.js";
import { uniLora } from "../methods/uniLora.js";
import { vbLora } from "../methods/vbLora.js";
import { vera } from "../methods/vera.js";
import { type Scheme, schemes } from "../partition/options.js";
import type { Adapter } from "./adapter.js";
import { type Config, configError, type Fields, readNumber } from "./config.js";

/** What the caller of `loadAdapter` decides: nothing that changes a bit of the result. */
export type LoadChoices = Pick<GPartOptions, "indices" | "warn">;

type Size = readonly [ending: string, field: string];

/** How the adapter of one method is made again, at its initial values. */
export interface Loader {
  make<M extends Module>(
    model: M,
    options: AdapterOptions,
    fields: Fields,
    choices: LoadChoices,
  ): Adapter<M>;
  /**
   * Fields that say the first size of a tensor in the file, by the end of the tensor's name:
   * compared before anything is made in that size.
   */
  readonly sizes: readonly Size[];
}

/** The options that fields give, by the name of the field of each; numbers all. */
function numbers(fields: Fields, names: Readonly<Record<string, string>>): Record<string, number> {
  const entries = Object.entries(names).map(([option, field]) => [
    option,
    readNumber(fields, field),
  ]);
  return Object.fromEntries(entries);
}

type Numbered = (model: Module, options: never) => Adapter<Module>;

/** The loader of a method whose own options are numbers. */
function byNumbers(
  method: Numbered,
  names: Readonly<Record<string, string>>,
  ...sizes: Size[]
): Loader {
  return {
    make<M extends Module>(model: M, options: AdapterOptions, fields: Fields) {
      const all = { ...options, ...numbers(fields, names) };
      return method(model, all as never) as unknown as Adapter<M>;
    },
    sizes,
  };
}

const gpartLoader: Loader = {
  make(model, options, fields, choices) {
    const scheme = fields.scheme as Scheme;
    if (!schemes.includes(scheme)) {
      throw configError(`adapter_config.json: unknown scheme ${JSON.stringify(scheme)}`);
    }
    const { scope = "global", signed = false } = fields;
    const own = {
      scheme,
      d: readBudgets(fields) ?? readNumber(fields, "d"),
      seed: readNumber(fields, "seed"),
      scope: scope as "global",
      signed: signed === true,
    };
    return gpart(model, { ...options, ...own, ...choices });
  },
  sizes: [["base_model.gpart_theta_d", "d"]],
};

/** Budgets that add up to d, where the file has any. */
function readBudgets(fields: Fields): Readonly<Record<string, number>> | undefined {
  const { budgets } = fields;
  if (budgets === undefined) return undefined;
  const values = Object.values(budgets ?? {}) as unknown[];
  const total = values.reduce(
    (sum: number, x) => sum + (typeof x === "number" ? x : Number.NaN),
    0,
  );
  if (total === readNumber(fields, "d")) return budgets as Readonly<Record<string, number>>;
  throw configError("adapter_config.json: budgets are not numbers that add up to d");
}

/** The loader of a method that trains weights themselves. */
function byWeights(
  method: <M extends Module>(model: M, options: FullOptions) => Adapter<M>,
): Loader {
  return {
    make(model, options) {
      const { dropout: _, seed: __, ...rest } = options;
      return method(model, rest);
    },
    sizes: [],
  };
}

/** Every method. */
export const loaders: Readonly<Record<MethodName, Loader>> = {
  GPART: gpartLoader,
  LORA: byNumbers(lora as Numbered, { rank: "r", alpha: "lora_alpha", seed: "seed" }, [
    ".lora_A.weight",
    "r",
  ]),
  UNILORA: byNumbers(uniLora as Numbered, { rank: "r", d: "d", seed: "seed" }, [
    "base_model.unilora_theta_d",
    "d",
  ]),
  VERA: byNumbers(vera as Numbered, { rank: "r", dInitial: "d_initial", seed: "seed" }, [
    ".vera_lambda_d",
    "r",
  ]),
  VBLORA: byNumbers(
    vbLora as Numbered,
    {
      rank: "r",
      vectors: "num_vectors",
      vectorLength: "vector_length",
      topK: "topk",
      seed: "seed",
    },
    ["base_model.vblora_vector_bank", "num_vectors"],
    [".vblora_logits_A", "r"],
  ),
  TIEDLORA: byNumbers(tiedLora as Numbered, { rank: "r", seed: "seed" }, [
    "base_model.model.tied_lora_A",
    "r",
  ]),
  FOURIERFT: byNumbers(
    fourierFt as Numbered,
    { coefficients: "n_frequency", scaling: "scaling", seed: "random_loc_seed" },
    [".fourierft_spectrum", "n_frequency"],
  ),
  DENSE: byNumbers(denseProjection as Numbered, { d: "d", seed: "seed" }, [
    "base_model.dense_theta_d",
    "d",
  ]),
  FASTFOOD: byNumbers(fastfood as Numbered, { d: "d", seed: "seed" }, [
    "base_model.fastfood_theta_d",
    "d",
  ]),
  FULL: byWeights(fullFineTune),
  BITFIT: byWeights(bitFit),
  HEAD: byWeights((model, { modulesToSave = [] }) => headOnly(model, { modulesToSave })),
};

/** The loader of a configuration's method. */
export function loaderOf({ method }: Config): Loader {
  return loaders[method];
}
