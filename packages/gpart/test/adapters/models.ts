/**
 * @file A small model with several kinds of weights, and adapters of every kind on it, for tests.
 */
import { Linear, Module, Parameter } from "@isograd/nn";
import { rng, type Tensor } from "@isograd/tensor";
import {
  type Adapter,
  type AdapterOptions,
  bitFit,
  denseProjection,
  fastfood,
  fourierFt,
  fullFineTune,
  type GPartOptions,
  gpart,
  headOnly,
  lora,
  type Scheme,
  schemes,
  tiedLora,
  uniLora,
  vbLora,
  vera,
} from "../../src/index.js";

class Block extends Module {
  readonly query: Linear;
  readonly value: Linear;
  readonly gain: Parameter;

  constructor(width: number, random: ReturnType<typeof rng>) {
    super();
    this.query = new Linear(width, width, { rng: random });
    this.value = new Linear(width, width, { rng: random, bias: false });
    this.gain = new Parameter(random.normal([width]));
  }

  forward(x: Tensor): Tensor {
    return this.query.forward(x).tanh().mul(this.value.forward(x)).mul(this.gain.value);
  }
}

/** Two blocks of width 6 and a head: 6 → 3. */
export class Small extends Module {
  readonly blocks: Block[];
  readonly head: Linear;

  constructor(seed: number, width = 6) {
    super();
    const random = rng(seed);
    this.blocks = [new Block(width, random), new Block(width, random)];
    this.head = new Linear(width, 3, { rng: random });
  }

  forward(x: Tensor): Tensor {
    return this.head.forward(this.blocks.reduce((h, block) => block.forward(h).add(h), x));
  }
}

type Make = (model: Small, options?: AdapterOptions) => Adapter<Small>;

const gparts = schemes.map((scheme: Scheme): [string, Make] => [
  `gpart ${scheme}`,
  (model, options) => gpart(model, { d: 14, seed: 5, scheme, ...options }),
]);

const variant = (name: string, own: Partial<GPartOptions>): [string, Make] => [
  `gpart ${name}`,
  (model, options) => gpart(model, { d: 14, seed: 5, ...own, ...options }),
];

const variants = [
  variant("by blocks", { scope: "block" }),
  variant("with budgets", { d: { query: 9, value: 5 } }),
  variant("signed", { signed: true }),
  variant("without indices", { indices: "regenerated" }),
];

/** Every method, with a name for the tests. */
export const makers: readonly [string, Make][] = [
  ...gparts,
  ...variants,
  ["lora", (model, options) => lora(model, { rank: 2, alpha: 3, ...options })],
  ["uniLora", (model, options) => uniLora(model, { d: 30, rank: 2, ...options })],
  ["vera", (model, options) => vera(model, { rank: 5, ...options })],
  [
    "vbLora",
    (model, options) => vbLora(model, { rank: 2, vectors: 9, vectorLength: 3, ...options }),
  ],
  ["tiedLora", (model, options) => tiedLora(model, { rank: 2, ...options })],
  ["fourierFt", (model, options) => fourierFt(model, { coefficients: 7, scaling: 30, ...options })],
  ["denseProjection", (model, options) => denseProjection(model, { d: 14, ...options })],
  ["fastfood", (model, options) => fastfood(model, { d: 14, ...options })],
  ["fullFineTune", (model, options) => fullFineTune(model, options)],
  ["bitFit", (model, options) => bitFit(model, options)],
  [
    "headOnly",
    (model, { modulesToSave = ["head"], ...options } = {}) =>
      headOnly(model, { ...options, modulesToSave }),
  ],
];

/** Gives every trained number a random value. */
export function scramble(adapter: Module, seed = 9): void {
  const random = rng(seed);
  for (const p of adapter.parameters()) {
    p.value = random.normal(p.shape, { std: 0.3, dtype: p.dtype });
  }
}

/** Bytes of a float32 tensor, as 32-bit words: equal only if every bit is, also of zeros. */
export function bits(x: Tensor): Uint32Array {
  const values = x.dataSync();
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
