/**
 * @file Damaged and wrong adapter files: a FormatError before anything of the sizes in them is made,
 * and the model as it was.
 */
import { fc, test } from "@fast-check/vitest";
import { FormatError, memory, rng, zeros } from "@isograd/tensor";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { describe, expect, it } from "vitest";
import { type AdapterFiles, gpart, loadAdapter, lora, saveAdapter } from "../../src/index.js";
import { bits, makers, Small, scramble } from "./models.js";

const model = new Small(1);
const made = new Map(
  makers.map(([name, make]) => {
    const adapter = make(model, { modulesToSave: ["head"] });
    scramble(adapter);
    return [name, saveAdapter(adapter)] as const;
  }),
);
const filesOf = (name: string) => made.get(name) as AdapterFiles;

function edited(files: AdapterFiles, changes: object): AdapterFiles {
  const config = JSON.stringify({ ...JSON.parse(files.config), ...changes });
  return { ...files, config };
}

/** The same with other tensors in the file of weights. */
function reshaped(files: AdapterFiles, shapes: Readonly<Record<string, readonly number[]>>) {
  const { tensors } = loadSafetensors(files.weights);
  const changed = Object.entries(shapes).map(([name, shape]) => [name, zeros(shape)] as const);
  const weights = saveSafetensors({ ...tensors, ...Object.fromEntries(changed) });
  return { ...files, weights };
}

function refused(files: AdapterFiles): string {
  const before = model.parameters().map((p) => bits(p.own));
  const tensors = memory().tensors;
  try {
    loadAdapter(model, files, { warn: () => {} });
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect(memory().tensors).toBe(tensors);
    expect(model.parameters().map((p) => bits(p.own))).toEqual(before);
    return String(error);
  }
  return "loaded";
}

describe.each([...made])("%s", (_, files) => {
  const fields = Object.keys(JSON.parse(files.config));
  const wrong = [
    null,
    true,
    false,
    -1,
    0,
    0.5,
    1e300,
    "",
    "x",
    [],
    [1],
    ["x"],
    {},
    { x: 1 },
    [[[]]],
  ];

  it("reads every field: another value is another adapter, or refused", () => {
    for (const field of fields) {
      const own = JSON.stringify(JSON.parse(files.config)[field]);
      for (const value of wrong) {
        const text = JSON.stringify(value);
        const found = refused(edited(files, { [field]: value }));
        // a seed, a factor, or a share may be another number
        const free = [
          "seed",
          "random_loc_seed",
          "lora_alpha",
          "scaling",
          "dropout",
          "d_initial",
          "topk",
        ];
        if (text === own || free.includes(field) || field === "inference_mode") continue;
        if (field === "signed" && (value === null || value === false)) continue; // says: no signs
        expect(`${field} = ${text}: ${found}`).not.toContain(": loaded");
      }
    }
  });

  it("refuses a field that it does not know, and passes over PEFT's remarks", () => {
    const more = { rank_pattern: { query: 2 } };
    expect(refused(edited(files, more))).toContain("rank_pattern is");
    const remarks = { task_type: "SEQ_CLS", base_model_name_or_path: "a/b", rank_pattern: {} };
    expect(refused(edited(files, remarks))).toBe("loaded");
  });
});

describe("sizes that are not true", () => {
  const huge = 2 ** 40;
  const weight = "base_model.model.blocks.0.query.lora_A.weight";

  it.each<[string, () => AdapterFiles, string]>([
    ["a rank beyond the file", () => edited(filesOf("lora"), { r: huge }), "r = 1099511627776"],
    ["a rank below 0", () => edited(filesOf("lora"), { r: -2 }), "r = -2"],
    [
      "a rank that an empty tensor has",
      () => edited(reshaped(filesOf("lora"), { [weight]: [2 ** 30, 0] }), { r: 2 ** 30 }),
      "is float32 [1073741824, 0] in the file, float32 [1073741824, 6] here",
    ],
    [
      "a rank that a tensor of no target has",
      () => edited(reshaped(filesOf("lora"), { "a.lora_A.weight": [2 ** 30, 0] }), { r: 2 ** 30 }),
      "FormatError",
    ],
    [
      "a rank that one tensor has",
      () => edited(reshaped(filesOf("lora"), { [weight]: [99, 6] }), { r: 99 }),
      "FormatError",
    ],
    [
      "a d that an empty tensor has",
      () => {
        const weights = saveSafetensors({ "base_model.gpart_theta_d": zeros([2 ** 30, 0]) });
        return { ...edited(filesOf("gpart feistel-v1"), { d: 2 ** 30 }), weights };
      },
      "FormatError",
    ],
    [
      "vectors of no length",
      () => edited(filesOf("vbLora"), { vector_length: 2 ** 31 }),
      "vectors of 2147483648 numbers",
    ],
    [
      "coefficients",
      () => edited(filesOf("fourierFt"), { n_frequency: huge }),
      "n_frequency = 1099",
    ],
    ["a d of Fastfood", () => edited(filesOf("fastfood"), { d: 1e308 }), "d = 1e+308"],
    ["a scheme of Uni-LoRA", () => edited(filesOf("uniLora"), { scheme: "iid" }), "scheme is"],
    ["signs", () => edited(filesOf("gpart signed"), { signed: "yes" }), "signed is"],
    [
      "a dropout of weights",
      () => edited(filesOf("fullFineTune"), { dropout: 0.5 }),
      "dropout is 0.5",
    ],
    [
      "a budget below 0",
      () => edited(filesOf("gpart with budgets"), { budgets: { query: 15, value: -1 } }),
      "value is a whole number",
    ],
  ])("%s", (_, files, message) => {
    expect(refused(files())).toContain(message);
  });

  it("values that are nested deeply are shown in short", () => {
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const { config, weights } = filesOf("lora");
    for (const field of [
      "peft_type",
      "r",
      "target_modules",
      "isograd_version",
      "more",
      "targets_hash",
    ]) {
      const text = config
        .replace(/^\{/, `{"${field}": 0,`)
        .replace(/\}\n$/, `, "${field}": ${deep}}`);
      expect(refused({ config: text, weights }).length).toBeLessThan(400);
    }
  });
});

describe("patterns in files", () => {
  const adapter = gpart(model, { d: 5, targetModules: ["query", "value"] });

  it("take no time", () => {
    const start = performance.now();
    const found = refused(edited(saveAdapter(adapter), { target_modules: "^([a-z_.0-9]+)+!$" }));
    expect(found).toContain("nothing in the model");
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it("that cannot be read back are written as names", () => {
    const made = lora(model, { rank: 1, targetModules: /(e)r.\.?weight$|(u)\2?ery$/ });
    expect(JSON.parse(saveAdapter(made).config).target_modules).toEqual([
      ...["blocks.0.query.weight", "blocks.1.query.weight"],
    ]);
    expect(loadAdapter(model, saveAdapter(made)).targets.length).toBe(2);
  });
});

describe("options that are undefined", () => {
  const none = {
    ...{ targetModules: undefined, layersToTransform: undefined, layersPattern: undefined },
    ...{ modulesToSave: undefined, dropout: undefined, seed: undefined },
  };
  const own = { scheme: undefined, scope: undefined, signed: undefined, indices: undefined };

  it.each([
    { d: { query: 9, value: 5 } },
    { d: { "0.query": 3, "1.query": 4, value: 5 } },
    { d: { "1.query": 3, "0.query": 4, value: 2, head: 1 } },
  ])("$d", (options) => {
    const files = saveAdapter(gpart(model, { ...none, ...own, ...options }));
    expect(saveAdapter(loadAdapter(model, files))).toEqual(files);
  });

  test.prop([fc.constantFrom(...makers)])("of every method", ([, make]) => {
    const files = saveAdapter(make(model, { ...none, modulesToSave: ["head"] }));
    expect(saveAdapter(loadAdapter(model, files, { warn: () => {} }))).toEqual(files);
  });
});

it("θ under two names is refused", () => {
  const theta = rng(0).normal([14]);
  const weights = saveSafetensors({ "base_model.gpart_theta_d": theta, other: theta });
  const files = { ...filesOf("gpart feistel-v1"), weights };
  expect(() => loadAdapter(model, files, { thetaKey: "other" })).toThrow(
    "the file holds other and base_model.gpart_theta_d",
  );
});
