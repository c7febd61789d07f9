/** @file Layers, losses and models of all packages, compiled: values and gradients of eager runs. */
import { noGrad, valueAndGrad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { EdgePonita, Egnn, FramePonita, grids, Pnita, Ponita } from "@isograd/equivariant";
import { gpart, lora } from "@isograd/gpart";
import {
  adam,
  BatchNorm,
  Bert,
  Conv1d,
  Conv2d,
  Embedding,
  Gpt2ForCausalLM,
  GRU,
  GroupNorm,
  LayerNorm,
  Linear,
  LSTM,
  losses,
  MLP,
  type Module,
  MultiHeadAttention,
  RMSNorm,
  TransformerBlock,
  Vit,
} from "@isograd/nn";
import { rng, scope, type Tensor, tensor } from "@isograd/tensor";
import { forEachTensor, isFloat } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";

const random = rng(7);
const int = { dtype: "int32" } as const;
/** A generator of the same seed for each layer. */
const make = {
  get rng() {
    return rng(1);
  },
};
const sequence = random.normal([2, 5, 8]);
const tokens = tensor(
  [
    [1, 4, 2, 7],
    [3, 3, 0, 5],
  ],
  int,
);
const graphs = {
  positions: random.normal([2, 5, 3]),
  scalars: random.normal([2, 5, 2]),
  vectors: random.normal([2, 5, 1, 3]),
};
const { vectors: _, ...plain } = graphs;
const sizes = {
  inputs: { scalars: 2, vectors: 1 },
  outputs: { scalars: 1, vectors: 1 },
  channels: 8,
  layers: 2,
  ...make,
};
const scalars = { ...sizes, inputs: { scalars: 2 }, outputs: { scalars: 1 } };
const bert = {
  ...{
    vocabSize: 9,
    hiddenSize: 8,
    numHiddenLayers: 2,
    numAttentionHeads: 2,
    intermediateSize: 12,
  },
  ...{ maxPositionEmbeddings: 6 },
};
const gpt2 = { vocabSize: 9, nPositions: 6, nEmbd: 8, nLayer: 2, nHead: 2 };
const { vocabSize: __, maxPositionEmbeddings: ___, ...encoder } = bert;
const vit = { ...encoder, imageSize: 6, patchSize: 3, numChannels: 4 };

/** What a model gives for its inputs, as a tree of tensors. */
type Run = (model: never) => unknown;

const layers: Readonly<Record<string, readonly [() => Module, Run]>> = {
  Linear: [() => new Linear(8, 3, make), (m: Linear) => m.forward(sequence)],
  MLP: [() => new MLP([8, 16, 2], make), (m: MLP) => m.forward(sequence)],
  "MLP, wide": [() => new MLP([8, 96, 64], make), (m: MLP) => m.forward(random96)],
  LayerNorm: [() => new LayerNorm(8), (m: LayerNorm) => m.forward(sequence)],
  RMSNorm: [() => new RMSNorm(8), (m: RMSNorm) => m.forward(sequence)],
  GroupNorm: [() => new GroupNorm(2, 4), (m: GroupNorm) => m.forward(picture)],
  BatchNorm: [() => new BatchNorm(4), (m: BatchNorm) => m.forward(picture)],
  Conv1d: [() => new Conv1d(5, 3, 3, make), (m: Conv1d) => m.forward(sequence)],
  Conv2d: [() => new Conv2d(4, 3, 3, { padding: 1, ...make }), (m: Conv2d) => m.forward(picture)],
  Embedding: [() => new Embedding(9, 8, make), (m: Embedding) => m.forward(tokens)],
  GRU: [() => new GRU(8, 6, make), (m: GRU) => m.forward(sequence)],
  "GRU, wide": [() => new GRU(16, 16, make), (m: GRU) => m.forward(random4)],
  LSTM: [() => new LSTM(8, 6, make), (m: LSTM) => m.forward(sequence)],
  MultiHeadAttention: [
    () => new MultiHeadAttention(8, 2, make),
    (m: MultiHeadAttention) => m.forward(sequence),
  ],
  TransformerBlock: [
    () => new TransformerBlock(8, 2, { dropout: 0.1, ...make }),
    (m: TransformerBlock) => m.forward(sequence),
  ],
};
const random4 = random.normal([8, 4, 16]);
const random96 = random.normal([130, 8]);
const picture = random.normal([3, 4, 6, 6]);

const networks: typeof layers = {
  Ponita: [
    () => new Ponita({ ...sizes, grid: grids.fibonacci(6) }),
    (m: Ponita) => m.forward(graphs),
  ],
  FramePonita: [() => new FramePonita(sizes), (m: FramePonita) => m.forward(graphs)],
  EdgePonita: [() => new EdgePonita(sizes), (m: EdgePonita) => m.forward(graphs)],
  Pnita: [() => new Pnita(scalars), (m: Pnita) => m.forward(plain)],
  Egnn: [() => new Egnn({ ...sizes, outputs: { scalars: 1 } }), (m: Egnn) => m.forward(graphs)],
};

const pretrained: typeof layers = {
  Bert: [() => new Bert(bert, make), (m: Bert) => m.forward(tokens)],
  Gpt2ForCausalLM: [
    () => new Gpt2ForCausalLM(gpt2, make),
    (m: Gpt2ForCausalLM) => m.forward(tokens),
  ],
  Vit: [() => new Vit(vit, make), (m: Vit) => m.forward(picture)],
};

function floatsOf(tree: unknown): Tensor[] {
  const found: Tensor[] = [];
  forEachTensor(tree, (x) => found.push(x));
  return found.filter(({ dtype }) => isFloat(dtype));
}

/** The sum of the squares of all floats of a tree. */
function total(tree: unknown): Tensor {
  return floatsOf(tree)
    .map((x) => x.square().sum())
    .reduce((a, b) => a.add(b));
}

function read(tree: unknown): unknown {
  return floatsOf(tree).map((x) => ({ shape: x.shape, data: x.dataSync() }));
}

describe.each(Object.entries({ ...layers, ...networks, ...pretrained }))(
  "%s",
  (_, [create, run]) => {
    it("gives the values and gradients of eager runs", () => {
      const [a, b] = [create(), create()];
      b.loadStateDict(a.stateDict());
      const forward = (m: Module) => () => noGrad(() => run(m as never));
      const slope = (m: Module) => () => valueAndGrad((q: Module) => total(run(q as never)))(m);
      for (const how of [forward, slope]) {
        const [eager, fast] = [how(a), compile(how(b), { state: b })];
        for (let i = 0; i < 3; i++) {
          scope(() => void expect(read(fast()), `call ${i}`).toEqual(read(eager())));
        }
        fast.dispose();
      }
      expect(read(b.stateDict())).toEqual(read(a.stateDict()));
    });
  },
);

describe("losses", () => {
  const logits = random.normal([6, 4]);
  const other = random.normal([6, 4]);
  const classes = tensor([0, 3, 2, 1, 1, 0], int);
  it.each<[string, (p: Tensor) => Tensor]>([
    ["mse", (p) => losses.mse(p, other)],
    ["l1", (p) => losses.l1(p, other)],
    ["huber", (p) => losses.huber(p, other, { delta: 0.5 })],
    ["crossEntropy", (p) => losses.crossEntropy(p, classes, { labelSmoothing: 0.1 })],
    [
      "binaryCrossEntropyWithLogits",
      (p) => losses.binaryCrossEntropyWithLogits(p, other.sigmoid()),
    ],
    ["klDivergence", (p) => losses.klDivergence(p.logSoftmax(), other.softmax())],
  ])("%s", (_, loss) => {
    const eager = valueAndGrad(loss);
    const fast = compile((p: Tensor) => valueAndGrad(loss)(p));
    for (let i = 0; i < 3; i++) expect(read(fast(logits))).toEqual(read(eager(logits)));
  });
});

describe("fine-tuning", () => {
  it.each([
    ["gpart", (m: MLP) => gpart(m, { d: 40, seed: 1 })],
    ["lora", (m: MLP) => lora(m, { rank: 2, seed: 4 })],
  ] as const)("%s: ten steps", (_, adapt) => {
    const setup = () => {
      const model = new MLP([8, 16, 3], { rng: rng(2) });
      const adapter = adapt(model);
      return { adapter, optimizer: adam(adapter, { lr: 0.05 }) };
    };
    const step =
      ({ adapter, optimizer }: ReturnType<typeof setup>) =>
      (x: Tensor) => {
        const loss = (own: typeof adapter) => own.forward(x).square().mean();
        const [value, grads] = valueAndGrad(loss)(adapter);
        optimizer.step(grads);
        return value;
      };
    const [a, b] = [setup(), setup()];
    const [eager, fast] = [step(a), compile(step(b), { state: [b.adapter, b.optimizer] })];
    for (let i = 0; i < 10; i++) {
      const x = random.normal([4, 8]);
      expect(fast(x).item(), `step ${i}`).toBe(eager(x).item());
    }
  });
});
