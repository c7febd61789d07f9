/**
 * @file Adapter files: small, loaded with the same bits, and refused when damaged or made for
 * another base.
 */
import { fc, test } from "@fast-check/vitest";
import { FormatError, rng, UsageError } from "@isograd/tensor";
import { saveSafetensors } from "@isograd/tensor/io";
import { describe, expect, it } from "vitest";
import { type AdapterFiles, gpart, loadAdapter, lora, saveAdapter } from "../../src/index.js";
import { bits, makers, Small, scramble } from "./models.js";

const inputs = () => rng(11).normal([5, 6]);

/** The files with some fields of the configuration changed. */
function edited(files: AdapterFiles, changes: object): AdapterFiles {
  const config = JSON.stringify({ ...JSON.parse(files.config), ...changes });
  return { ...files, config };
}

describe.each(makers)("%s", (_, make) => {
  it("comes back with the same outputs, to the last bit", () => {
    const model = new Small(1);
    const adapter = make(model, { modulesToSave: ["head"] });
    scramble(adapter);
    const files = saveAdapter(adapter);
    const loaded = loadAdapter(new Small(1), files);
    expect(bits(loaded.forward(inputs()))).toEqual(bits(adapter.forward(inputs())));
    expect(saveAdapter(loaded)).toEqual(files);
  });
});

describe("the files", () => {
  const model = new Small(1);
  const adapter = gpart(model, { d: 40, seed: 5, targetModules: ["query", "value"] });
  scramble(adapter);
  const files = saveAdapter(adapter);

  it("hold d numbers, a seed, and what the base must be", () => {
    expect(JSON.parse(files.config)).toEqual({
      peft_type: "GPART",
      isograd_version: 1,
      target_modules: ["query", "value"],
      modules_to_save: [],
      dropout: 0,
      scheme: "feistel-v1",
      seed: 5,
      d: 40,
      n: 144,
      targets_hash: "112e2a40e280875c",
    });
    expect(files.weights.length).toBeLessThan(4 * 40 + 120);
  });

  it("carry regular expressions", () => {
    const made = lora(model, { rank: 1, targetModules: /QUERY$/i });
    const config = JSON.parse(saveAdapter(made).config);
    expect(config).toMatchObject({ target_modules: "QUERY$", target_flags: "i", r: 1 });
    expect(loadAdapter(model, saveAdapter(made)).targets.length).toBe(2);
  });

  it.each<[string, () => unknown, string]>([
    [
      "a base of another size",
      () => loadAdapter(new Small(1, 5), files),
      "the adapter is for 144 target weights, this model has 100",
    ],
    [
      "other targets of the same size",
      () =>
        loadAdapter(
          model,
          edited(files, {
            target_modules: ["query", "blocks.0.value", "blocks.1.value"],
            targets_hash: "0",
          }),
        ),
      "names or shapes of the targets differ",
    ],
    [
      "names of another model",
      () => loadAdapter(model, edited(files, { targets_hash: "112e2a40e280875d" })),
      "names or shapes of the targets differ: hash 112e2a40e280875d, here 112e2a40e280875c",
    ],
    ["another n", () => loadAdapter(model, edited(files, { n: 145 })), "is for 145 target weights"],
    [
      "d beyond the weights",
      () => {
        const weights = saveSafetensors({ "base_model.gpart_theta_d": rng(0).normal([145]) });
        return loadAdapter(model, { ...edited(files, { d: 145 }), weights });
      },
      "d = 145 groups cannot all have a member among n = 144 weights",
    ],
    [
      "θ of another dtype",
      () => {
        const theta = rng(0).normal([40], { dtype: "float64" });
        const weights = saveSafetensors({ "base_model.gpart_theta_d": theta });
        return loadAdapter(model, { ...files, weights });
      },
      "is float64 [40] in the file, float32 [40] here",
    ],
    ["a missing target", () => loadAdapter(model, edited(files, { target_modules: ["k"] })), '"k"'],
    [
      "another d",
      () => loadAdapter(model, edited(files, { d: 41 })),
      "d = 41, the weights hold [40]",
    ],
    ["a scheme of later", () => loadAdapter(model, edited(files, { scheme: "x-v2" })), '"x-v2"'],
    [
      "a version of later",
      () => loadAdapter(model, edited(files, { isograd_version: 2 })),
      "not 1",
    ],
    ["a method of others", () => loadAdapter(model, edited(files, { peft_type: "X" })), '"X"'],
    ["no seed", () => loadAdapter(model, edited(files, { seed: undefined })), "seed is missing"],
    ["a seed below 0", () => loadAdapter(model, edited(files, { seed: -1 })), "got -1"],
    ["no pattern", () => loadAdapter(model, edited(files, { target_modules: "(" })), "no regular"],
    ["no JSON", () => loadAdapter(model, { ...files, config: "{" }), "is not JSON"],
    ["no object", () => loadAdapter(model, { ...files, config: "[]" }), "does not hold an object"],
    [
      "no weights",
      () => loadAdapter(model, { ...files, weights: new Uint8Array(3) }),
      "FormatError",
    ],
    [
      "weights that are not finite",
      () => {
        const theta = rng(0).normal([40]).mul(Number.POSITIVE_INFINITY);
        const weights = saveSafetensors({ "base_model.gpart_theta_d": theta });
        return loadAdapter(model, { ...files, weights });
      },
      "holds numbers that are not finite",
    ],
    [
      "a tensor too many",
      () => {
        const theta = rng(0).normal([40]);
        const weights = saveSafetensors({ "base_model.gpart_theta_d": theta, more: theta });
        return loadAdapter(model, { ...files, weights });
      },
      "the file holds more",
    ],
  ])("refuse %s", (_, run, message) => {
    try {
      run();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      expect(String(error)).toContain(message);
    }
  });

  it("need the very base where weights decide", () => {
    const made = gpart(model, { d: 40, scheme: "signed-magnitude" });
    const problem = "the weights of this model are not those";
    expect(() => loadAdapter(new Small(2), saveAdapter(made))).toThrow(problem);
  });

  it("are not written with numbers that are not finite", () => {
    const made = gpart(model, { d: 4 });
    made.trained.theta!.value = rng(0).normal([4]).mul(Number.NaN);
    expect(() => saveAdapter(made)).toThrow(UsageError);
    expect(() => saveAdapter(made)).toThrow("gpart_theta_d holds numbers that are not finite");
  });

  const saved = makers.map(([, make]) => saveAdapter(make(model, { modulesToSave: ["head"] })));
  const fields = [...new Set(saved.flatMap(({ config }) => Object.keys(JSON.parse(config))))];
  test.prop([
    fc.constantFrom(...saved),
    fc.dictionary(fc.constantFrom(...fields), fc.jsonValue(), { minKeys: 1, maxKeys: 4 }),
  ])("with any values in the configuration: loaded or FormatError", (made, changes) => {
    try {
      loadAdapter(model, edited(made, changes), { warn: () => {} }).dispose();
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  });

  test.prop([
    fc.constantFrom(files, ...saved),
    fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { minLength: 1 }),
    fc.boolean(),
  ])(
    "damaged anywhere: loaded or FormatError, and the model as it was",
    (made, damage, inConfig) => {
      const text = new TextEncoder().encode(made.config);
      const bytes = (inConfig ? text : made.weights).slice();
      for (const { at, byte } of damage) bytes[at % bytes.length] = byte;
      const broken = inConfig
        ? { ...made, config: new TextDecoder().decode(bytes) }
        : { ...made, weights: bytes };
      const before = model.parameters().map((p) => bits(p.own));
      try {
        loadAdapter(model, broken, { warn: () => {} }).dispose();
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
      expect(model.parameters().map((p) => bits(p.own))).toEqual(before);
    },
  );

  test.prop([
    fc.constantFrom(files, ...saved),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.constantFrom("config", "weights", "longer"),
    fc.uint8Array({ minLength: 1, maxLength: 20 }),
  ])("cut short or grown: FormatError, and the model as it was", (made, share, how, more) => {
    const text = new TextEncoder().encode(made.config);
    const whole = how === "config" ? text : made.weights;
    // the text can lose its last line break
    const cut = whole.subarray(0, Math.floor(share * (whole.length - 2)));
    const broken = how === "longer" ? Uint8Array.from([...whole, ...more]) : cut;
    const before = model.parameters().map((p) => bits(p.own));
    const given =
      how === "config"
        ? { ...made, config: new TextDecoder().decode(broken) }
        : { ...made, weights: broken };
    expect(() => loadAdapter(model, given, { warn: () => {} })).toThrow(FormatError);
    expect(model.parameters().map((p) => bits(p.own))).toEqual(before);
  });
});
