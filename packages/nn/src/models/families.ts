/** @file Families of models in config.json: which classes read which. Knows names only. */
import { FormatError } from "@isograd/tensor";

/** Models that differ in their heads only. */
export interface Family {
  readonly title: string;
  /** What `model_type` says. */
  readonly types: readonly string[];
  /** What `architectures` says: a model of transformers, whatever its head. */
  readonly architectures: RegExp;
  /** Our classes. */
  readonly classes: readonly string[];
}

/** The families that {@link loadPretrained} reads. */
export const families = {
  bert: {
    title: "BERT",
    types: ["bert"],
    architectures: /^Bert(Model|LMHeadModel|For[A-Z]\w*)$/,
    classes: ["Bert", "BertForMaskedLM", "BertForSequenceClassification"],
  },
  roberta: {
    title: "RoBERTa",
    types: ["roberta", "xlm-roberta", "camembert"],
    architectures: /^(Roberta|XLMRoberta|Camembert)(Model|For[A-Z]\w*)$/,
    classes: ["Roberta", "RobertaForMaskedLM", "RobertaForSequenceClassification"],
  },
  gpt2: {
    title: "GPT-2",
    types: ["gpt2"],
    architectures: /^GPT2(Model|LMHeadModel|DoubleHeadsModel|For[A-Z]\w*)$/,
    classes: ["Gpt2", "Gpt2ForCausalLM", "Gpt2ForSequenceClassification"],
  },
  vit: {
    title: "ViT",
    types: ["vit"],
    architectures: /^ViT(Model|For[A-Z]\w*)$/,
    classes: ["Vit", "VitForImageClassification"],
  },
} as const satisfies Readonly<Record<string, Family>>;

/**
 * Checks that a config.json is of this family. What it does not say is not checked.
 *
 * @throws FormatError that says which classes read it.
 */
export function checkFamily(family: Family, op: string, json: Record<string, unknown>): void {
  const { model_type: type, architectures } = json;
  if (type !== undefined && type !== null && !isOf(family, "types", type)) {
    refuse(op, "types", `model_type is ${JSON.stringify(type)}`, [type]);
  }
  if (architectures === undefined || architectures === null) return;
  const names: readonly unknown[] = Array.isArray(architectures) ? architectures : [architectures];
  if (names.length === 0 || names.some((name) => isOf(family, "architectures", name))) return;
  const said = JSON.stringify(architectures).slice(0, 200);
  refuse(op, "architectures", `architectures is ${said}`, names);
}

function isOf(family: Family, by: "types" | "architectures", name: unknown): boolean {
  if (typeof name !== "string") return false;
  return by === "types" ? family.types.includes(name) : family.architectures.test(name);
}

function refuse(
  op: string,
  by: "types" | "architectures",
  said: string,
  names: readonly unknown[],
): never {
  const all: readonly Family[] = Object.values(families);
  const other = all.find((family) => names.some((name) => isOf(family, by, name)));
  const problem = `config.json: ${said}, which is no model that ${op} reads`;
  if (other !== undefined) {
    const help = `it is of ${other.title}: load it with ${other.classes.join(", ")}`;
    throw new FormatError("loadPretrained", problem, help);
  }
  const known = all.map(({ title, types }) => `${title} (${types.join(", ")})`).join("; ");
  throw new FormatError("loadPretrained", problem, `known are ${known}`);
}
