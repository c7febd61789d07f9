/**
 * @file Configurations of models: fields of Hugging Face's config.json in camelCase. Knows no
 * model.
 */
import { FormatError, UsageError } from "@isograd/tensor";
import type { ActivationName } from "../layers/layer.js";

/** What a field may hold. */
type Value = number | string | boolean | null;

/** The text of a config.json, its bytes, or its parsed object. */
export type ConfigSource = string | Uint8Array | Readonly<Record<string, unknown>>;

/** Activations by Hugging Face's names. */
const ACTIVATIONS: Readonly<Record<string, ActivationName>> = {
  gelu: "gelu",
  gelu_new: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  gelu_fast: "geluTanh",
  relu: "relu",
  silu: "silu",
  swish: "silu",
  tanh: "tanh",
};

/** Fields that change what a model computes, with the only value that our models support. */
const FIXED: Readonly<Record<string, Value>> = {
  position_embedding_type: "absolute",
  is_decoder: false,
  add_cross_attention: false,
  scale_attn_by_inverse_layer_idx: false,
  scale_attn_weights: true,
};

const OP = "loadPretrained";

/** The activation of a name in config.json. @throws UsageError for an unknown name. */
export function activationNamed(name: string): ActivationName {
  const found = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (found !== undefined) return found;
  const problem = `there is no activation "${name}"`;
  throw new UsageError("config", problem, `known are ${Object.keys(ACTIVATIONS).join(", ")}`);
}

/** `hidden_size` for `hiddenSize`, `n_embd` for `nEmbd`. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The object in a config.json. @throws FormatError for anything else. */
function parseConfig(source: ConfigSource): Record<string, unknown> {
  if (typeof source !== "string" && !(source instanceof Uint8Array)) return { ...source };
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new FormatError(OP, `config.json is not JSON: ${(error as Error).message}`);
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw new FormatError(OP, "config.json does not hold an object");
}

/**
 * The configuration in a config.json; missing fields have the given defaults. If `num_labels` is
 * missing, it is the number of entries of `id2label`, as in transformers.
 *
 * @throws FormatError for a field of another type, and for models that compute something else than
 * ours.
 */
export function configFrom<C extends { readonly numLabels: number }>(
  defaults: C,
  source: ConfigSource,
): C {
  const json = parseConfig(source);
  for (const [name, ours] of Object.entries(FIXED)) {
    if (!Object.hasOwn(json, name) || json[name] === ours) continue;
    const found = JSON.stringify(json[name]);
    throw new FormatError(OP, `config.json: ${name} is ${found}, our models have ${ours}`);
  }
  const config: Record<string, unknown> = { ...defaults };
  for (const [name, fallback] of Object.entries(defaults)) {
    const given = json[snake(name)];
    if (given !== undefined) config[name] = checked(snake(name), given, fallback as Value);
  }
  const labels = json.id2label;
  if (json.num_labels === undefined && typeof labels === "object" && labels !== null) {
    config.numLabels = Object.keys(labels).length;
  }
  return config as C;
}

function checked(name: string, given: unknown, fallback: Value): unknown {
  const same = fallback === null || given === null || typeof given === typeof fallback;
  if (same && (given === null || typeof given !== "object")) return given;
  const kind = typeof fallback;
  throw new FormatError(OP, `config.json: ${name} is ${JSON.stringify(given)}, not a ${kind}`);
}
