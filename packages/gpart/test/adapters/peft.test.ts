/**
 * @file The choice of modules by a configuration of PEFT: what `check_target_module_exists` of PEFT
 * 0.21 chooses, or an error; and every field honoured or refused.
 */
import { Linear, Module, Sequential } from "@isograd/nn";
import { FormatError, rng, type Tensor } from "@isograd/tensor";
import { saveSafetensors } from "@isograd/tensor/io";
import { describe, expect, it } from "vitest";
import { loadAdapter, partition, saveAdapter } from "../../src/index.js";
import { bits, Small } from "./models.js";

const linear = (from: number, to: number) => new Linear(from, to, { rng: rng(0) });

class Attention extends Module {
  readonly query = linear(4, 4);
  readonly value = linear(4, 4);
  readonly inner = new Sequential(linear(4, 4));
}

class Encoder extends Module {
  readonly layers = [new Attention(), new Attention(), new Attention()];
  readonly query = linear(4, 4);
}

/** Modules named as in a model with a head, each with a bias. */
class Wrapped extends Module {
  readonly encoder = new Encoder();
  readonly classifier = linear(4, 2);
  readonly lm_head = linear(4, 4);
}

const d = 12;
const base = {
  ...{ peft_type: "GPART", d, proj_seed: 42, assignment_backend: "stateless" },
  ...{ target_modules: ["query"], modules_to_save: null, inference_mode: true },
};

function load(model: Module, changes: object, saved: Record<string, Tensor> = {}) {
  const theta = rng(1).normal([d]);
  const weights = saveSafetensors({ "base_model.gpart_theta_d": theta, ...saved });
  return loadAdapter(model, { config: JSON.stringify({ ...base, ...changes }), weights });
}

const chosen = (changes: object, model: Module = new Wrapped()) =>
  load(model, changes).targets.map(({ name }) => name.replace(".weight", ""));

const inLayer = (l: number, names = ["query", "value"]) =>
  names.map((name) => `encoder.layers.${l}.${name}`);

describe("PEFT's choice", () => {
  it.each<[string, object, readonly string[]]>([
    [
      "a pattern for whole names of modules: no biases",
      { target_modules: ".*(query|value).*" },
      [...[0, 1, 2].flatMap((l) => inLayer(l)), "encoder.query"],
    ],
    ["a pattern with a look ahead", { target_modules: "^(?!.*layers).*query$" }, ["encoder.query"]],
    [
      "a named group and (?i)",
      { target_modules: "(?i).*\\.LAYERS\\.(?P<l>\\d+)\\.value\\Z" },
      [0, 1, 2].flatMap((l) => inLayer(l, ["value"])),
    ],
    [
      "layers beside a pattern: not used",
      { target_modules: ".*0\\.query", layers_to_transform: 2 },
      inLayer(0, ["query"]),
    ],
    [
      "layers beside whole names: not used for those",
      { target_modules: ["encoder.layers.0.value", "query"], layers_to_transform: [1] },
      ["encoder.layers.0.value", "encoder.layers.1.query"],
    ],
    [
      "layers",
      { layers_to_transform: [0, 2] },
      [...inLayer(0, ["query"]), ...inLayer(2, ["query"])],
    ],
    [
      "layers by a pattern",
      { target_modules: ["0"], layers_to_transform: 0, layers_pattern: ["inner", "layers"] },
      ["encoder.layers.0.inner.layers.0"],
    ],
    [
      "no layers",
      { layers_to_transform: [] },
      [...[0, 1, 2].flatMap((l) => inLayer(l, ["query"])), "encoder.query"],
    ],
    [
      "an unknown name among others",
      { target_modules: ["q_proj", "value"], layers_to_transform: 1 },
      inLayer(1, ["value"]),
    ],
    ["a parameter is no module", { target_modules: ["encoder.query", "bias"] }, ["encoder.query"]],
    [
      "left out by name",
      { exclude_modules: ["1.query", "2.query"] },
      [...inLayer(0, ["query"]), "encoder.query"],
    ],
    ["left out by a pattern", { exclude_modules: ".*layers.*" }, ["encoder.query"]],
    [
      "all-linear, without the output layers",
      { target_modules: "ALL-linear", exclude_modules: ".*layers.*", task_type: "SEQ_CLS" },
      ["encoder.query"],
    ],
  ])("%s", (_, changes, names) => {
    expect(chosen(changes)).toEqual([...names]);
  });

  it("may be of the inside of the model that was trained", () => {
    const model = new Small(1);
    expect(chosen({ layers_to_transform: [1] }, model)).toEqual(["blocks.1.query"]);
  });

  it("of names that end others is written and read back", () => {
    const model = new Wrapped();
    const adapter = load(model, { target_modules: "encoder.query" });
    const again = loadAdapter(model, saveAdapter(adapter));
    expect(again.targets.map(({ name }) => name)).toEqual(["encoder.query.weight"]);
    expect(bits(again.delta())).toEqual(bits(adapter.delta()));
  });

  it("saves modules in full, and passes over names that the model lacks", () => {
    const [weight, bias] = [rng(2).normal([2, 4]), rng(3).normal([2])];
    const saved = {
      "base_model.model.classifier.weight": weight,
      "base_model.model.classifier.bias": bias,
    };
    const adapter = load(new Wrapped(), { modules_to_save: ["classifier", "score"] }, saved);
    expect(Object.keys(adapter.saved)).toEqual(["classifier.weight", "classifier.bias"]);
    expect(bits(adapter.saved["classifier.bias"]!.own)).toEqual(bits(bias));
    expect(adapter.options.modulesToSave).toEqual(["classifier"]);
    expect(load(new Wrapped(), { modules_to_save: ["score"] }).saved).toEqual({});
  });

  it("is in evaluation mode when the file says so, as PEFT loads it", () => {
    expect(load(new Wrapped(), { gpart_dropout: 0.5 }).training).toBe(false);
    expect(load(new Wrapped(), { inference_mode: false }).training).toBe(true);
  });
});

describe("seeds of Python", () => {
  const theta = rng(1).normal([d]);
  const weights = saveSafetensors({ "base_model.gpart_theta_d": theta });
  const loaded = (seed: string) => {
    const config = JSON.stringify(base).replace('"proj_seed":42', `"proj_seed":${seed}`);
    return loadAdapter(new Wrapped(), { config, weights });
  };

  it.each<[string, bigint]>([
    ["-1", 2n ** 64n - 1n],
    ["18446744073709551615", 2n ** 64n - 1n],
    ["9007199254740993", 9007199254740993n],
    ["36893488147419103235", 3n],
    ["-9223372036854775809", 2n ** 63n - 1n],
  ])("%s counts modulo 2⁶⁴", (text, seed) => {
    const adapter = loaded(text);
    const n = adapter.targets.length * 16;
    // the stateless hash in 64-bit arithmetic
    const groups = Array.from({ length: n }, (_, i) => {
      let v = BigInt.asUintN(64, BigInt(i) + seed + 0x9e3779b97f4a7c15n);
      v = BigInt.asUintN(64, (v ^ (v >> 30n)) * 0xbf58476d1ce4e5b9n);
      v = BigInt.asUintN(64, (v ^ (v >> 27n)) * 0x94d049bb133111ebn);
      return Number((v ^ (v >> 31n)) % BigInt(d));
    });
    const values = theta.toArray() as number[];
    const delta = adapter.delta().toArray() as number[];
    groups.forEach((g, i) => {
      const size = groups.filter((other) => other === g).length;
      expect(delta[i]).toBeCloseTo((values[g] as number) / Math.sqrt(size), 5);
    });
    const again = loadAdapter(new Wrapped(), saveAdapter(adapter));
    expect(bits(again.delta())).toEqual(bits(adapter.delta()));
    const own = partition({ n, d, seed, scheme: "hash-v1" });
    expect([...own.groups()]).toEqual(groups);
    expect([...partition({ n, d, seed: seed - 2n ** 64n, scheme: "hash-v1" }).groups()]).toEqual(
      groups,
    );
  });

  it.each(["1.5", "1e300", "true", '"7"', "null"])("%s is refused", (text) => {
    expect(() => loaded(text)).toThrow(FormatError);
    expect(() => loaded(text)).toThrow("proj_seed is");
  });
});

describe("refused", () => {
  it.each<[string, object, string]>([
    [
      "a pattern for parts that hold others",
      { target_modules: ".*layers.0.*" },
      "is no linear layer",
    ],
    ["a pattern that matches nothing", { target_modules: "query" }, "nothing in the model"],
    ["a pattern that Python refuses", { target_modules: "(?<n>query)" }, "no regular expression"],
    ["a pattern with a back reference", { target_modules: "(q)\\1" }, "back reference"],
    [
      "a pattern for layers_pattern",
      { layers_to_transform: 1, layers_pattern: "l.*s" },
      "no plain name",
    ],
    ["ranks by pattern", { rank_pattern: { query: 4 } }, "rank_pattern is"],
    ["parameters", { target_parameters: ["x.weight"] }, "target_parameters is"],
    ["DoRA", { use_dora: true }, "the field is not known"],
    ["tokens", { trainable_token_indices: [1, 2] }, "the field is not known"],
    ["a field of another type", { fan_in_fan_out: "yes" }, "fan_in_fan_out is"],
    ["a bound that is no number", { init_bound: "0" }, "init_bound is"],
    ["a mode that is none", { inference_mode: 1 }, "inference_mode is"],
    ["names that are no list", { exclude_modules: 3 }, "exclude_modules is"],
    ["layers that are fractions", { layers_to_transform: [0.5] }, "layers_to_transform is"],
    ["a module that is adapted and saved", { modules_to_save: ["ery"] }, "both adapted and saved"],
    ["a dropout of 1", { gpart_dropout: 1 }, "dropout is a share"],
    ["a d that is a fraction", { d: 12.5 }, "d = 12.5"],
    ["__proto__", JSON.parse('{"__proto__": {"x": 1}}'), "__proto__ is"],
  ])("%s", (_, changes, message) => {
    const text = () => load(new Wrapped(), changes);
    expect(text).toThrow(FormatError);
    expect(text).toThrow(message);
  });

  it("fields that say nothing are not", () => {
    const nothing = {
      rank_pattern: {},
      use_dora: false,
      target_parameters: null,
      alpha_pattern: {},
    };
    expect(load(new Wrapped(), nothing).targets.length).toBe(4);
  });

  it("a layer whose weight is another's too", () => {
    class Tied extends Module {
      readonly a = linear(4, 4);
      readonly b = Object.assign(linear(4, 4), { weight: this.a.weight });
    }
    expect(chosen({ target_modules: ["a"] }, new Tied())).toEqual(["a"]);
    expect(() => chosen({ target_modules: ["b"] }, new Tied())).toThrow("is shared with another");
  });
});
