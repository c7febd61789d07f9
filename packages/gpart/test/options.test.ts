/** @file No option of this package is ignored: unknown names, also those of PEFT, show ours. */
import {
  AdapterSet,
  bitFit,
  combineAdapters,
  denseProjection,
  distortion,
  fastfood,
  fourierFt,
  fullFineTune,
  gpart,
  headOnly,
  loadAdapter,
  lora,
  partition,
  saveAdapter,
  tiedLora,
  uniLora,
  vbLora,
  vera,
} from "@isograd/gpart";
import { Linear } from "@isograd/nn";
import { rng, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

const model = () => new Linear(4, 4, { rng: rng(0) });
const shared = "targetModules, layersToTransform, layersPattern, modulesToSave, dropout, seed";

/** The message that a call ends with. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return "taken";
}

const methods: Readonly<Record<string, readonly [make: (options: never) => unknown, own: string]>> =
  {
    lora: [(options) => lora(model(), options), "rank, alpha"],
    vera: [(options) => vera(model(), options), "rank, dInitial"],
    tiedLora: [(options) => tiedLora(model(), options), "rank"],
    uniLora: [(options) => uniLora(model(), options), "d, rank"],
    vbLora: [(options) => vbLora(model(), options), "rank, vectors, vectorLength, topK"],
    fourierFt: [(options) => fourierFt(model(), options), "coefficients, scaling, init"],
    denseProjection: [(options) => denseProjection(model(), options), "d"],
    fastfood: [(options) => fastfood(model(), options), "d"],
    gpart: [(options) => gpart(model(), options), "d, scheme, scope, signed, indices, warn"],
  };

/** Names of PEFT 0.17 in LoraConfig, VeraConfig, VBLoRAConfig, FourierFTConfig: ours. */
const peft: readonly (readonly [theirs: string, ours: string, of: readonly string[]])[] = [
  ["target_modules", "targetModules", Object.keys(methods)],
  ["modules_to_save", "modulesToSave", Object.keys(methods)],
  ["layers_to_transform", "layersToTransform", Object.keys(methods)],
  ["layers_pattern", "layersPattern", Object.keys(methods)],
  ["lora_dropout", "dropout", ["lora", "gpart"]],
  ["r", "rank", ["lora", "vera", "tiedLora", "uniLora", "vbLora"]],
  ["lora_alpha", "alpha", ["lora"]],
  ["d_initial", "dInitial", ["vera"]],
  ["vera_dropout", "dropout", ["vera"]],
  ["projection_prng_key", "seed", ["vera"]],
  ["num_vectors", "vectors", ["vbLora"]],
  ["vector_length", "vectorLength", ["vbLora"]],
  ["topk", "topK", ["vbLora"]],
  ["n_frequency", "coefficients", ["fourierFt"]],
  ["random_loc_seed", "seed", ["fourierFt"]],
  ["theta_d_length", "d", ["uniLora", "gpart"]],
];

describe("names of PEFT", () => {
  const calls = peft.flatMap(([theirs, ours, of]) => of.map((name) => [name, theirs, ours]));
  it.each(calls as [string, string, string][])("%s: %s is %s here", (name, theirs, ours) => {
    const [make, own] = methods[name] ?? [() => {}, ""];
    const options = { [theirs]: 1 } as never;
    expect(refusal(() => make(options))).toBe(
      `${name}: has no option "${theirs}"\n` +
        `  help: did you mean ${ours}? options: ${own}, ${shared}`,
    );
  });

  it("what has no counterpart lists what there is", () => {
    expect(refusal(() => lora(model(), { use_rslora: true } as never))).toBe(
      `lora: has no option "use_rslora"\n  help: options: rank, alpha, ${shared}`,
    );
    expect(refusal(() => lora(model(), 4 as never))).toContain("help: write { rank: 4 }; options:");
  });
});

describe("every other function", () => {
  const set = () => new AdapterSet(model());
  it.each([
    ["bitFit", () => bitFit(model(), { seed: 1 } as never)],
    ["fullFineTune", () => fullFineTune(model(), { seed: 1 } as never)],
    ["headOnly", () => headOnly(model(), { modulesToSave: ["weight"], seed: 1 } as never)],
    ["partition", () => partition({ n: 4, d: 2, groups: 2 } as never)],
    ["distortion", () => distortion((x) => x, { lengths: 2 } as never)],
    ["combineAdapters", () => combineAdapters([], { factors: [] } as never)],
    ["combineAdapters", () => set().combine("all", [], { factors: [] } as never)],
    ["loadAdapter", () => loadAdapter(model(), files(), { key: "x" } as never)],
  ])("%s refuses unknown names", (op, call) => {
    expect(refusal(call)).toMatch(new RegExp(`^${op}: has no option "\\w+"\n {2}help: .*options:`));
  });
  const files = () => saveAdapter(gpart(model(), { d: 2 }));

  it("refuses what says nothing to a method, or names nothing", () => {
    const load = (saved: ReturnType<typeof files>, options: object) => () =>
      loadAdapter(model(), saved, options);
    const other = saveAdapter(lora(model()));
    expect(refusal(load(other, { indices: "regenerated" }))).toContain(
      "loadAdapter: indices is for GPart, the files are of LORA",
    );
    expect(refusal(load(other, { thetaKey: "x" }))).toContain("thetaKey is for GPart");
    expect(load(files(), { thetaKey: "x" })).toThrow(
      "the file holds θ as base_model.gpart_theta_d",
    );
    load(other, { warn() {} })();
    load(files(), { indices: "regenerated" })();
    expect(refusal(() => partition({ n: 4, d: 2, sizes: [4], budgets: [2] }))).toContain(
      "partition: budgets are those of cells",
    );
  });

  it("says what cannot be a layer, a name or an adapter", () => {
    expect(refusal(() => lora(model(), { layersToTransform: 1.5 }))).toContain("got 1.5");
    expect(refusal(() => lora(model(), { layersPattern: 3 } as never))).toContain("got 3");
    expect(refusal(() => lora({} as never))).toContain("needs a module, got an object");
    expect(refusal(() => saveAdapter({} as never))).toContain("needs an adapter, got an object");
  });
});
