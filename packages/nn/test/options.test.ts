import * as nn from "@isograd/nn";
import { ones, rng, type Tensor, tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

const { init, losses, schedules } = nn;
const make = { rng: rng(0) };
const model = new nn.Linear(2, 2, make);
const x = tensor([[1, 2], [3, 4]]); // biome-ignore format: short
const classes = tensor([0, 1], { dtype: "int32" });

/** Calls as they come from plain JavaScript, or from habits of other libraries. */
const call = (f: unknown, ...args: readonly unknown[]) => ({
  run: () => Reflect.apply(f as () => unknown, undefined, args),
});
const made = (f: unknown, ...args: readonly unknown[]) => ({
  run: () => Reflect.construct(f as new () => unknown, args),
});

type Row = readonly [call: { readonly run: () => unknown }, problem: string, help: string];

const LINEAR = "options: bias, init, rng, dtype, device";
const CONV = "options: stride, padding, dilation, groups, bias, init, rng, dtype, device";
const ADAM = "options: lr, weightDecay, betas, eps, decay, groups";
const CROSS = "options: reduction, labelSmoothing, classWeights, ignoreIndex";
const BLOCK =
  "options: hidden, dropout, activation, normFirst, norm, eps, bias, causal, rotary, rng, " +
  "dtype, device";

const unknownNames: readonly Row[] = [
  [
    made(nn.Linear, 3, 4, { ...make, useBias: false }),
    'Linear: has no option "useBias"',
    `did you mean bias? ${LINEAR}`,
  ],
  [
    made(nn.Linear, 3, 4, { seed: 0 }),
    'Linear: has no option "seed"',
    `did you mean rng? ${LINEAR}`,
  ],
  [
    made(nn.Conv2d, 1, 8, 3, { ...make, pad: 1 }),
    'Conv2d: has no option "pad"',
    `did you mean padding? ${CONV}`,
  ],
  [
    made(nn.Conv1d, 1, 8, 3, { ...make, strides: 2 }),
    'Conv1d: has no option "strides"',
    `did you mean stride? ${CONV}`,
  ],
  [
    made(nn.MLP, [2, 1], { ...make, act: "tanh" }),
    'MLP: has no option "act"',
    "did you mean activation? options: activation, outputActivation, bias, init, rng, dtype, device",
  ],
  [
    made(nn.TransformerBlock, 8, 2, { ...make, dim_feedforward: 32 }),
    'TransformerBlock: has no option "dim_feedforward"',
    BLOCK,
  ],
  [
    made(nn.MultiHeadAttention, 8, 2, { ...make, batchFirst: true }),
    'MultiHeadAttention: has no option "batchFirst"',
    "options: dropout, bias, causal, rotary, rng, dtype, device",
  ],
  [
    made(nn.BatchNorm, 3, { track_running_stats: false }),
    'BatchNorm: has no option "track_running_stats"',
    "options: eps, momentum, affine, dtype, device",
  ],
  [
    made(nn.LayerNorm, 3, { elementwise_affine: false }),
    'LayerNorm: has no option "elementwise_affine"',
    "did you mean affine? options: eps, affine, bias, dtype, device",
  ],
  [
    made(nn.LSTM, 2, 3, { ...make, num_layers: 2 }),
    'LSTM: has no option "num_layers"',
    "did you mean layers? options: layers, bias, bidirectional, dropout, rng, dtype, device",
  ],
  [
    made(nn.Embedding, 5, 2, { ...make, padding_idx: 0 }),
    'Embedding: has no option "padding_idx"',
    "options: init, rng, dtype, device",
  ],
  [
    call(nn.adam, model, { lr: 1e-3, weight_decay: 0.1 }),
    'adam: has no option "weight_decay"',
    `did you mean weightDecay? ${ADAM}`,
  ],
  [
    call(nn.adam, model, { learningRate: 1e-3 }),
    'adam: has no option "learningRate"',
    `did you mean lr? ${ADAM}`,
  ],
  [call(nn.adamw, model, { lr: 1e-3, momentum: 0.9 }), 'adamw: has no option "momentum"', ADAM],
  [call(nn.adam, model, { lr: 1e-3, amsgrad: true }), 'adam: has no option "amsgrad"', ADAM],
  [
    call(nn.sgd, model, { lr: 1e-3, dampening: 0.1 }),
    'sgd: has no option "dampening"',
    "options: lr, weightDecay, momentum, nesterov, decay, groups",
  ],
  [
    call(nn.sgd, model, { lr: 1, groups: [{ match: () => true, weight_decay: 0 }] }),
    'sgd: has no option "weight_decay"',
    "did you mean weightDecay? options: lr, weightDecay, match",
  ],
  [
    call(losses.crossEntropy, x, classes, { weight: ones([2]) }),
    'crossEntropy: has no option "weight"',
    `did you mean classWeights? ${CROSS}`,
  ],
  [
    call(losses.crossEntropy, x, classes, { ignore_index: 0 }),
    'crossEntropy: has no option "ignore_index"',
    `did you mean ignoreIndex? ${CROSS}`,
  ],
  [
    call(losses.binaryCrossEntropyWithLogits, x, x, { pos_weight: 2 }),
    'binaryCrossEntropyWithLogits: has no option "pos_weight"',
    "did you mean positiveWeight? options: reduction, positiveWeight",
  ],
  [
    made(nn.DataLoader, x, { batch_size: 2 }),
    'DataLoader: has no option "batch_size"',
    "did you mean batchSize? options: batchSize, shuffle, dropLast, collate, keepBatches",
  ],
  [
    call(schedules.step, { every: 3, gamma: 0.5 }),
    'step: has no option "gamma"',
    "did you mean factor? options: every, factor",
  ],
  [
    call(schedules.cosine, { T_max: 100 }),
    'cosine: has no option "T_max"',
    "options: total, warmup, final",
  ],
  [
    call(init.xavierUniform, [2, 2], { ...make, mode: "fanOut" }),
    'init.xavierUniform: has no option "mode"',
    "options: gain, rng, dtype, device",
  ],
  [
    { run: () => model.loadStateDict({}, { strickt: false } as object) },
    'loadStateDict: has no option "strickt"',
    "did you mean strict? options: strict",
  ],
  [
    made(nn.Bert, { hidden_size: 8 }, make),
    'config: has no option "hidden_size"',
    "did you mean hiddenSize? options: vocabSize, hiddenSize",
  ],
  [
    call(nn.rotary, ones([2, 2]), { theta: 500000 }),
    'rotary: has no option "theta"',
    "options: base, offset",
  ],
];

const forms: readonly Row[] = [
  [
    made(nn.Linear, 3, 4, false),
    "Linear: needs an object of options, got false",
    `write { bias: false }; ${LINEAR}`,
  ],
  [
    made(nn.Conv2d, 1, 8, 3, 2),
    "Conv2d: needs an object of options, got 2",
    `write { stride: 2 }; ${CONV}`,
  ],
  [
    made(nn.MaxPool2d, 2, 2),
    "MaxPool2d: needs an object of options, got 2",
    "write { stride: 2 }; options: stride, padding, dilation",
  ],
  [
    call(nn.adam, model.parameters(), 1e-3),
    "adam: needs an object of options, got 0.001",
    `write { lr: 0.001 }; ${ADAM}`,
  ],
  [
    call(nn.adam, model.parameters()),
    "adam: lr must be a positive number, got undefined",
    "write { lr: 1e-3 }",
  ],
  [
    call(losses.crossEntropy, x, classes, "mean"),
    'crossEntropy: needs an object of options, got "mean"',
    `write { reduction: "mean" }; ${CROSS}`,
  ],
  [
    call(losses.mse, x, x, ones([2])),
    "mse: needs an object of options, got an object of class",
    "",
  ],
  [
    made(nn.Sequential, [model, model]),
    "Sequential: needs layers or functions, got a list",
    "write new Sequential(a, b), or new Sequential(...layers)",
  ],
  [made(nn.Sequential, nn.Linear), "activation: Linear is a class", "make a layer: new Linear(…)"],
  [
    made(nn.MLP, 2, 16, 1),
    "MLP: needs two sizes or more, got 2",
    "write new MLP([2, 16, 1], { rng: rng(0) })",
  ],
  [
    made(nn.Dropout, 0.5, true),
    "Dropout: needs an object of options, got true",
    "write { name: value }; options: rng",
  ],
  [
    made(nn.DataLoader, x, { shuffle: true }),
    "DataLoader: shuffle is true",
    "give a generator, so that runs can be repeated: { shuffle: rng(0) }",
  ],
  [
    made(nn.Linear, 3, 4, { rng: 0 }),
    "Linear: rng is 0, no generator",
    "pass one, so that runs can be repeated: { rng: rng(0) }",
  ],
  [
    call(nn.functionalCall, model, model.stateDict(), x),
    "functionalCall: needs a function, got an object of class",
    "",
  ],
  [
    { run: () => model.freeze("weight" as never) },
    'freeze: needs a function, got "weight"',
    'write freeze((name) => name.startsWith("weight"))',
  ],
];

const ignored: readonly Row[] = [
  [
    made(nn.LayerNorm, 3, { affine: false, bias: true }),
    "LayerNorm: a bias needs affine",
    "leave bias out, or pass { affine: true }",
  ],
  [
    made(nn.GRU, 2, 3, { ...make, dropout: 0.5 }),
    "GRU: a dropout of 0.5 has no effect on one layer",
    "it drops elements between layers: give layers: 2 or more, or leave it out",
  ],
  [
    call(nn.adam, model, { lr: 1, decay: () => true }),
    "adam: decay needs weightDecay",
    "write { weightDecay: 0.01, decay }",
  ],
  [call(init.gain, "relu", 0.2), "init.gain: relu has no slope, got 0.2", "leave it out"],
  [
    call(losses.crossEntropy, x, x, { ignoreIndex: 0 }),
    "crossEntropy: probabilities have no index to ignore",
    "leave it out, or give class indices, which are int32",
  ],
  [
    made(nn.TransformerBlock, 8, 2, { ...make, norm: "batch" }),
    'TransformerBlock: there is no norm "batch"',
    "layer or rms",
  ],
];

const check = ([{ run }, problem, help]: Row): void => {
  expect(run).toThrow(UsageError);
  expect(run).toThrow(help === "" ? problem : `${problem}\n  help: ${help}`);
};
const titled = (rows: readonly Row[]) => rows.map((row) => [row[1], row] as const);

describe("options", () => {
  it.each(titled(unknownNames))("%s", (_, row) => check(row));
});

describe("forms of other libraries", () => {
  it.each(titled(forms))("%s", (_, row) => check(row));
});

describe("options without effect", () => {
  it.each(titled(ignored))("%s", (_, row) => check(row));

  const good = () => ({
    model,
    loss: (m: nn.Linear, b: Tensor) => m.forward(b).sum(),
    optimizer: nn.sgd(model, { lr: 1e-9 }),
    data: [x] as unknown,
    progress: false,
  });
  it.each([
    [{ epochs: 1, callbacks: [] }, 'has no option "callbacks"\n  help: did you mean onStep?'],
    [{ epochs: 1, verbose: 0 }, 'has no option "verbose"\n  help: did you mean progress?'],
    [
      { epochs: 1, scheduler: () => 1 },
      'has no option "scheduler"\n  help: did you mean schedule?',
    ],
    [{ epochs: 1, validation: { data: [x], metric: {} } }, "did you mean metrics? options: data"],
    [{ epochs: 1, patience: 2 }, "patience needs validation"],
    [{ epochs: 1, generators: { noise: rng(0) } }, "generators are for checkpoints: without them"],
    [{ epochs: 1, maxSteps: 1, data: () => x }, "has no epochs, so epochs has no effect"],
    [{ onEpoch() {}, maxSteps: 1, data: () => x }, "has no epochs, so onEpoch has no effect"],
    [{ maxSteps: 1, data: async () => x }, "the function returned a promise"],
    [{ epochs: 1, loss: async () => x }, "fit: the function returned a promise"],
    [{ epochs: 1, data: x }, "which gives no batches"],
    [{ epochs: Number.NaN }, "epochs is a whole number from 0: got NaN"],
    [{ epochs: -1 }, "epochs is a whole number from 0: got -1"],
    [{ epochs: 1, clipNorm: 0 }, "clipNorm must be positive: got 0"],
    [{ epochs: 1, ema: 2 }, "ema is a decay between 0 and 1: got 2"],
    [{ epochs: 1, optimizer: "adam" }, 'optimizer is "adam"\n  help: write optimizer: adam(model'],
  ])("fit of %o", async (changes, said) => {
    const run = nn.fit({ ...good(), ...changes } as never);
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow(said);
  });

  it("optimisers refuse groups that no parameter falls into", () => {
    const group = (name: string) => ({ match: (n: string) => n.endsWith(name), lr: 1e-3 });
    const of = (...groups: ReturnType<typeof group>[]) => nn.adam(model, { lr: 0.1, groups });
    expect(() => of(group("bias"), group("biases"))).toThrow(
      "adam: groups[1] is for no parameter: it matches none, or earlier groups take them\n" +
        "  help: names are those of model.namedParameters()",
    );
    expect(() => of(group("weight"), group(""), group("bias"))).toThrow("groups[2]");
    expect(of(group("weight"), group("")).targets.size).toBe(2);
  });

  it("generate refuses what has no effect without a temperature", async () => {
    const size = { vocabSize: 9, nEmbd: 4, nLayer: 1, nHead: 1, nPositions: 8 };
    const gpt = new nn.Gpt2ForCausalLM(size, make).eval();
    const start = tensor([[1, 2]], { dtype: "int32" });
    const said = "has no effect without a temperature: the most likely token is taken";
    for (const more of [{ topK: 2 }, { rng: rng(0) }]) {
      const run = nn.generate(gpt, start, { maxNewTokens: 1, ...more });
      await expect(run).rejects.toThrow(`generate: ${Object.keys(more)[0]} ${said}`);
    }
    const missing = nn.generate(gpt, start, {} as { maxNewTokens: number });
    await expect(missing).rejects.toThrow("maxNewTokens must be a whole number from 0");
  });
});

describe("sizes and numbers are checked before anything is made", () => {
  it.each([1e9, Number.NaN, 1.5, -2, "3", 2 ** 40, 1n, null])("%s", (size) => {
    const start = performance.now();
    const one = (f: () => unknown) => {
      expect(f).toThrow(UsageError);
      const text = typeof size === "string" ? `"${size}"` : String(size);
      expect(f).toThrow(text);
    };
    const n = Reflect.get({ size }, "size") as number;
    one(() => new nn.Linear(n, 2, make));
    one(() => new nn.MLP([2, n, 1], make));
    one(() => new nn.Conv1d(n, 2, 3, make));
    one(() => new nn.Conv2d(1, 2, n, make));
    one(() => new nn.Embedding(n, 2, make));
    one(() => new nn.LayerNorm(n));
    one(() => new nn.RMSNorm(n));
    one(() => new nn.BatchNorm(n));
    one(() => new nn.GroupNorm(1, n));
    one(() => new nn.GRU(n, 2, make));
    one(() => new nn.LSTM(2, 2, { ...make, layers: n }));
    one(() => new nn.MultiHeadAttention(n, 1, make));
    one(() => new nn.TransformerBlock(n, 1, make));
    if (size !== 1e9 && size !== 2 ** 40) {
      one(() => new nn.DataLoader(x, { batchSize: n }));
      one(() => new nn.Dropout(n, make));
      one(() => nn.ema(model, n));
      one(() => nn.adam(model, { lr: 1, betas: [n, 0.9] }));
    }
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it.each([Number.NaN, -1, 0, Number.POSITIVE_INFINITY])("a learning rate of %s", (lr) => {
    for (const f of [nn.sgd, nn.adam, nn.adamw]) {
      expect(() => f(model, { lr })).toThrow(`lr must be a positive number, got ${lr}`);
    }
  });
});
