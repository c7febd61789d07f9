/**
 * @file Configurations of models: reads config.json, checks each field, refuses what our models
 * would compute otherwise. Fields are in camelCase. Knows no model.
 */
import { FormatError, UsageError } from "@isograd/tensor";
import { shown as shownValue, unknownOption } from "@isograd/tensor/engine";
import { expectRecord, MOST } from "../expect.js";
import { activationNames } from "./activations.js";
import { checkFamily, type Family } from "./families.js";

/** The text of a config.json, its bytes, or its parsed object. */
export type ConfigSource = string | Uint8Array | Readonly<Record<string, unknown>>;

const whole = (x: unknown, from: number, to = 2 ** 31 - 1): boolean =>
  typeof x === "number" && Number.isInteger(x) && x >= from && x <= to;

/** What a field may be: in words, and as a test. */
const KINDS = {
  size: ["a whole number from 1", (x: unknown) => whole(x, 1)],
  layers: ["a whole number from 0 to 1000", (x: unknown) => whole(x, 0, 1000)],
  token: ["a whole number from 0", (x: unknown) => whole(x, 0)],
  rate: ["a number from 0 to 1", (x: unknown) => typeof x === "number" && x >= 0 && x <= 1],
  positive: ["a number above 0", (x: unknown) => Number.isFinite(x) && (x as number) > 0],
  spread: ["a number from 0", (x: unknown) => Number.isFinite(x) && (x as number) >= 0],
  flag: ["true or false", (x: unknown) => typeof x === "boolean"],
  activation: [
    `one of ${activationNames.join(", ")}`,
    (x: unknown) => typeof x === "string" && activationNames.includes(x),
  ],
} as const satisfies Readonly<Record<string, readonly [string, (x: unknown) => boolean]>>;

type Kind = keyof typeof KINDS;

/** The kind of each field; with `?` it may be null. */
export type Kinds<C> = { readonly [K in keyof C]: Kind | `${Kind}?` };

/** How two fields fit: by a division, by their order, or as the lengths of one parameter. */
export type Fit<C> = readonly [
  field: keyof C & string,
  how: "divides" | "is at most" | "is below" | "makes a parameter with",
  of: keyof C & string,
];

/** Which fields do not fit where the heads do not divide the features. */
export const HEADS = "numAttentionHeads must divide hiddenSize";

const FITS: Readonly<Record<Fit<object>[1], (a: number, b: number) => boolean>> = {
  divides: (a, b) => b % a === 0,
  "is at most": (a, b) => a <= b,
  "is below": (a, b) => a < b,
  "makes a parameter with": (a, b) => a * b <= MOST,
};

/** The fields of a family of models. */
export interface Fields<C> {
  /** Values of missing fields. */
  readonly defaults: C;
  readonly kinds: Kinds<C>;
  readonly fits: readonly Fit<C>[];
}

const PRODUCT = "makes a parameter with";

/** How the config.json of a family of models is read; the defaults are those of transformers 5. */
export interface ConfigReader<C> extends Fields<C> {
  readonly family: Family;
  /** Fields with the only value that our models support. */
  readonly fixed?: Readonly<Record<string, unknown>> | undefined;
  /** Other names of fields: `hidden_size` for `n_embd`. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  /** Fields that our models do not have. */
  readonly absent?: readonly string[] | undefined;
  /** Fields that may be a list of two equal numbers. */
  readonly sides?: readonly string[] | undefined;
}

/** Fields of any family that change what is computed, with the value that changes nothing. */
const FIXED: Readonly<Record<string, unknown>> = {
  position_embedding_type: "absolute",
  is_encoder_decoder: false,
};

/** Fields of any family that say how weights were changed; null and {} say that they were not. */
const ABSENT = ["per_layer_config", "quantization_config", "pruned_heads"];

const OP = "loadPretrained";

/** `hidden_size` for `hiddenSize`, `n_embd` for `nEmbd`. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The object in a config.json. @throws FormatError for anything else. */
function parseConfig(source: ConfigSource): Record<string, unknown> {
  let parsed: unknown = source;
  if (typeof source === "string" || source instanceof Uint8Array) {
    const text = typeof source === "string" ? source : new TextDecoder().decode(source);
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      throw new FormatError(OP, `config.json is not JSON: ${(error as Error).message}`, CONFIG);
    }
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
    return { ...parsed };
  }
  throw new FormatError(OP, "config.json does not hold an object", CONFIG);
}

const CONFIG = "give the config.json beside the weights, whole, as its text, bytes or object";

/**
 * The configuration in a config.json; missing fields have the given defaults. If `num_labels`
 * is missing, it is the number of entries of `id2label`, as in transformers.
 *
 * @throws FormatError for a field of another type or out of range, for the configuration of another
 * family of models, and for models that compute something else than ours.
 */
export function configFrom<C extends { readonly numLabels: number }>(
  reader: ConfigReader<C>,
  op: string,
  source: ConfigSource,
): C {
  const json = parseConfig(source);
  checkFamily(reader.family, op, json);
  checkFixed({ ...FIXED, ...reader.fixed }, [...ABSENT, ...(reader.absent ?? [])], json);
  const config: Record<string, unknown> = { ...reader.defaults };
  for (const [name, kind] of Object.entries(reader.kinds) as [string, Kind | `${Kind}?`][]) {
    const given = valueIn(reader, json, snake(name));
    if (given !== undefined) config[name] = checked(snake(name), given, kind);
  }
  const labels = json.id2label;
  if (json.num_labels === undefined && typeof labels === "object" && labels !== null) {
    config.numLabels = checked("id2label", Object.keys(labels).length, "size");
  }
  const fits = reader.fits.filter(([, how]) => how !== PRODUCT); // the file is compared before
  checkFits(fits, config as C, snake, (problem, help) => {
    return new FormatError(OP, `config.json: ${problem}`, help);
  });
  return config as C;
}

/** Throws what `fail` makes for two fields that do not fit; `name` is their name for messages. */
function checkFits<C>(
  fits: readonly Fit<C>[],
  config: C,
  name: (field: string) => string,
  fail: (problem: string, help: string) => Error,
): void {
  for (const [field, how, of] of fits) {
    const [a, b] = [config[field], config[of]];
    if (typeof a !== "number" || typeof b !== "number" || FITS[how](a, b)) continue;
    const limit = how === PRODUCT ? ` of at most ${MOST} elements` : "";
    const problem = `${name(field)} is ${a}, ${name(of)} is ${b}`;
    throw fail(problem, `${name(field)} ${how} ${name(of)}${limit}`);
  }
}

/**
 * The given fields of a configuration, and the defaults for all others.
 *
 * @throws UsageError for a field that there is not, or of another type or range, and for two that
 * do not fit.
 */
export function withDefaults<C extends object>(
  { defaults, kinds, fits }: Fields<C>,
  fields: Partial<C>,
): C {
  expectRecord("config", "an object of fields", fields, "write new Bert({ hiddenSize: 64 }, …)");
  const known = new Map<string, Kind | `${Kind}?`>(Object.entries(kinds));
  const config = { ...defaults };
  for (const [name, x] of Object.entries(fields)) {
    const kind = known.get(name);
    if (kind === undefined) throw unknownOption("config", name, [...known.keys()]);
    if (x === undefined) continue;
    const [plain, optional] = kind.split("?") as [Kind, "" | undefined];
    const [words, test] = KINDS[plain];
    if (!(test(x) || (x === null && optional === ""))) {
      const help = `it must be ${words}${optional === "" ? " or null" : ""}`;
      throw new UsageError("config", `${name} is ${shownValue(x)}`, help);
    }
    Object.assign(config, { [name]: x });
  }
  const refuse = (problem: string, help: string) => new UsageError("config", problem, help);
  const others = fits.filter(([, how]) => how !== "divides"); // constructors say it by their name
  checkFits(others, config, (field) => field, refuse);
  return config;
}

/** The value of a field, under whichever of its names the file has it. */
function valueIn<C>(reader: ConfigReader<C>, json: Record<string, unknown>, name: string): unknown {
  let value = json[name];
  for (const [alias, of] of Object.entries(reader.aliases ?? {})) {
    const other = json[alias];
    if (of !== name || other === undefined) continue;
    if (value !== undefined && value !== other) {
      const both = `${name} is ${shown(value)}, ${alias} is ${shown(other)}`;
      throw new FormatError(OP, `config.json: ${both}: they are one field`, `keep ${name} alone`);
    }
    value = other;
  }
  if (reader.sides?.includes(name) && Array.isArray(value) && value.length === 2) {
    return value[0] === value[1] ? value[0] : value;
  }
  return value;
}

function checkFixed(
  fixed: Readonly<Record<string, unknown>>,
  absent: readonly string[],
  json: Record<string, unknown>,
): void {
  for (const [name, ours] of Object.entries(fixed)) {
    if (!Object.hasOwn(json, name) || json[name] === ours) continue;
    const problem = `config.json: ${name} is ${shown(json[name])}, our models have ${shown(ours)}`;
    throw new FormatError(OP, problem, "this model computes something else");
  }
  for (const name of absent) {
    const value = json[name] ?? {};
    if (typeof value === "object" && Object.keys(value).length === 0) continue;
    const problem = `config.json has ${name}: ${shown(value).slice(0, 200)}`;
    throw new FormatError(
      OP,
      problem,
      "export the model without it: plain weights, all layers alike",
    );
  }
}

function checked(name: string, given: unknown, kind: Kind | `${Kind}?`): unknown {
  const [plain, optional] = kind.split("?") as [Kind, "" | undefined];
  if (given === null && optional === "") return null;
  const [words, test] = KINDS[plain];
  if (test(given)) return given;
  const or = optional === "" ? " or null" : "";
  if (words.includes("number") && typeof given !== "number") {
    const problem = `config.json: ${name} is ${shown(given)}, not a number`;
    throw new FormatError(OP, problem, `it must be ${words}${or}`);
  }
  const problem = `config.json: ${name} is ${shown(given)}, not ${words}${or}`;
  throw new FormatError(OP, problem, "correct it in config.json");
}

/** A value of config.json for messages. */
function shown(value: unknown): string {
  if (typeof value === "string") return value === "absolute" ? value : JSON.stringify(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
