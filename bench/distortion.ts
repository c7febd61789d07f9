/**
 * @file `npm run bench -- --distortion`: how far each way of fine-tuning is from an isometry, one
 * 64×64 layer, 256 numbers.
 */
import {
  type Adapter,
  denseProjection,
  distortion,
  fastfood,
  gpart,
  lora,
  uniLora,
} from "@isograd/gpart";
import { Linear } from "@isograd/nn";
import { rng } from "@isograd/tensor";

const NUMBERS = 256;
const STEPS = { steps: 500, norm: 0.1, seed: 1 } as const;

const layer = (): Linear => new Linear(64, 64, { rng: rng(3), bias: false });

/** The same with some of its numbers drawn from N(0, std²). */
function drawn(adapter: Adapter, name: string, std: number): Adapter {
  const parameter = adapter.trained[name];
  if (parameter === undefined) throw new Error(`the adapter has no ${name}`);
  parameter.value = rng(2).normal(parameter.shape, { std });
  return adapter;
}

const shared = { d: NUMBERS, seed: 1 } as const;
const ADAPTERS: Readonly<Record<string, () => Adapter>> = {
  GPart: () => gpart(layer(), shared),
  "dense projection": () => denseProjection(layer(), shared),
  Fastfood: () => fastfood(layer(), shared),
  "LoRA, r = 2, at its start": () => lora(layer(), { rank: 2, seed: 1 }),
  "LoRA, r = 2, B of std 0.06": () =>
    drawn(lora(layer(), { rank: 2, seed: 1 }), "weight.lora_B", 0.06),
  "Uni-LoRA, r = 4, at its start": () => uniLora(layer(), { ...shared, rank: 4 }),
  "Uni-LoRA, r = 4, θ of std 0.5": () =>
    drawn(uniLora(layer(), { ...shared, rank: 4 }), "theta", 0.5),
  "Uni-LoRA, r = 4, θ = 0": () => drawn(uniLora(layer(), { ...shared, rank: 4 }), "theta", 0),
};

/** Prints ratios of lengths, the ends of the spectrum, and ranks. */
export function distortions(): void {
  console.log(`${"".padEnd(32)} ratio of lengths   singular values   rank`);
  for (const [name, make] of Object.entries(ADAPTERS)) {
    const { min, max, singularValues, rank } = distortion(make(), STEPS);
    const { 0: largest = Number.NaN, [NUMBERS - 1]: least = Number.NaN } = singularValues;
    const [low, high, first, last] = [min, max, largest, least].map((x) => x.toPrecision(4));
    console.log(`${name.padEnd(32)} ${low} – ${high}   ${first} and ${last}   ${rank}`);
  }
}
