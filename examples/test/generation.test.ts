/**
 * @file Diffusion: its formulas, a sampler that turns with its noise, and what makes a molecule.
 */
import { octahedralGroup, randomRotation } from "@isograd/equivariant";
import { concat, rng, type Tensor, take, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  bondsOf,
  type Molecule,
  pairsOf,
  validityOf,
  wasserstein,
} from "../benchmarks/generation/chemistry.js";
import {
  centred,
  centredNoise,
  denoise,
  diffusionLoss,
  type Network,
  noiseLevels,
  SIGMA_DATA,
  sample,
} from "../benchmarks/generation/edm.js";
import { DiffusionModel } from "../benchmarks/generation/model.js";

const largest = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();
const turnedBy = (x: Tensor, turn: readonly (readonly number[])[]): Tensor =>
  x.matmul(
    tensor(
      turn.map((row) => [...row]),
      { dtype: "float64" },
    ).mT,
  );

describe("EDM", () => {
  it("keeps what is clean, and forgets what is all noise", () => {
    const wrong: Network = (x) => x.mul(0).add(7); // its centre is taken away: nothing remains
    const x = centredNoise([4, 5, 3], rng(0), "float64");
    const level = (sigma: number) =>
      tensor(
        [1, 1, 1, 1].map((u) => u * sigma),
        { dtype: "float64" },
      );
    expect(largest(denoise(wrong, x, level(1e-6)), x)).toBeLessThan(1e-9);
    expect(denoise(wrong, x, level(1e6)).abs().max().item()).toBeLessThan(1e-9);
  });

  it("samples a Gaussian of the data's width with the network that is best for it", () => {
    // For data N(0, σ_d²) the best denoiser is c_skip x: F = 0, and Heun's path ends at σ_d z/√(1 +
    // …).
    const none: Network = (x) => x.mul(0);
    const noise = centredNoise([200, 9, 3], rng(1), "float64");
    const found = sample(none, noise);
    const exact = noise.mul((80 * SIGMA_DATA) / Math.hypot(80, SIGMA_DATA));
    expect(largest(found, exact)).toBeLessThan(0.02 * exact.abs().max().item());
    const finer = sample(none, noise, { steps: 80 });
    expect(largest(finer, exact)).toBeLessThan(largest(found, exact) / 3); // of second order
  });

  it("falls from σ_max to σ_min and 0", () => {
    const levels = noiseLevels({ steps: 5 });
    expect(levels).toHaveLength(6);
    expect(levels[0]).toBeCloseTo(80, 10);
    expect(levels[4]).toBeCloseTo(0.002, 10);
    expect(levels[5]).toBe(0);
    expect(levels.slice(1).every((s, i) => s < levels[i]!)).toBe(true);
  });

  it("has a loss of about 1 for the network that says nothing, whatever the noise", () => {
    const none: Network = (x) => x.mul(0);
    const clean = centredNoise([2000, 9, 3], rng(2)).mul(SIGMA_DATA);
    const scale = clean.square().mean().item() / SIGMA_DATA ** 2; // 8/9: the centre is fixed
    expect(diffusionLoss(none, clean, rng(3)).item() / scale).toBeCloseTo(1, 1);
  });
});

describe("a sampler with PONITA inside", () => {
  const numbers = [6, 8, 1, 1];
  const model = new DiffusionModel(numbers, "quick", { dtype: "float64" });
  const noise = centredNoise([3, 4, 3], rng(4), "float64");
  const draw = (from: Tensor): Tensor => sample(model.predict, from, { steps: 8 });
  const drawn = draw(noise);

  it("turns its samples exactly as the noise is turned, by all rotations of its grid", () => {
    const turns = octahedralGroup();
    expect(turns).toHaveLength(24);
    for (const turn of [turns[5]!, turns[11]!, turns[23]!]) {
      expect(largest(draw(turnedBy(noise, turn)), turnedBy(drawn, turn))).toBeLessThan(1e-10);
    }
    const other = randomRotation(rng(5));
    const error = largest(draw(turnedBy(noise, other)), turnedBy(drawn, other));
    expect(error).toBeGreaterThan(1e-10); // a fixed grid is only nearly isotropic
  });

  it("permutes its samples with atoms of one kind, and keeps their centre", () => {
    const order = tensor(Int32Array.of(0, 1, 3, 2));
    const swapped = take(noise, order, { axis: 1 });
    expect(largest(draw(swapped), take(drawn, order, { axis: 1 }))).toBeLessThan(1e-10);
    expect(drawn.mean({ axis: 1 }).abs().max().item()).toBeLessThan(1e-12);
  });

  it("draws each sample of a batch as if it were alone", () => {
    const alone = draw(noise.slice([[1, 2]]));
    expect(largest(alone, drawn.slice([[1, 2]]))).toBeLessThan(1e-10);
  });

  it("starts from noise whose covariance is isotropic, so that no rotation changes it", () => {
    const many = centredNoise([4000, 4, 3], rng(6), "float64").reshape([-1, 3]);
    const covariance = many.mT.matmul(many).div(many.shape[0] as number);
    const wanted = tensor([0.75, 0, 0, 0, 0.75, 0, 0, 0, 0.75], {
      shape: [3, 3],
      dtype: "float64",
    });
    expect(largest(covariance, wanted)).toBeLessThan(0.03);
    expect(
      centred(concat([noise, noise], { axis: 0 }))
        .mean()
        .abs()
        .item(),
    ).toBeLessThan(1e-14);
  });
});

describe("molecules", () => {
  const water: Molecule = {
    numbers: [8, 1, 1],
    positions: [
      [0, 0, 0],
      [0.96, 0, 0],
      [-0.24, 0.93, 0],
    ],
  };

  it("have bonds by distance, and valences", () => {
    expect(bondsOf(water).map(({ i, j, kind }) => [i, j, kind])).toEqual([
      [0, 1, "O–H"],
      [0, 2, "O–H"],
    ]);
    expect(pairsOf(water)).toHaveLength(3);
    expect(validityOf(water)).toMatchObject({ atoms: 1, molecule: true });
    expect(validityOf(water).nearest).toBeCloseTo(0.96, 2);
  });

  it("are not whole when an atom is lost, or when two lie apart", () => {
    const [o, h] = water.positions;
    const lost: Molecule = { ...water, positions: [o!, h!, [5, 5, 5]] };
    expect(validityOf(lost)).toMatchObject({ atoms: 1 / 3, molecule: false });
    const far = water.positions.map(([x, y, z]) => [x + 9, y, z] as const);
    const two: Molecule = {
      numbers: [...water.numbers, ...water.numbers],
      positions: [...water.positions, ...far],
    };
    expect(validityOf(two)).toMatchObject({ atoms: 1, molecule: false });
  });

  it("are compared by the area between quantiles", () => {
    expect(wasserstein([1, 2, 3], [2, 3, 1])).toBe(0);
    expect(wasserstein([0, 1], [0.5, 1.5])).toBeCloseTo(0.5, 12);
    expect(wasserstein([0], [0, 2])).toBeCloseTo(1, 12);
  });
});
