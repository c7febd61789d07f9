/** @file Energies and forces: forces are slopes, the loss sees both, dynamics obey known laws. */
import { readFileSync } from "node:fs";
import { valueAndGrad } from "@isograd/autograd";
import { randomRotation } from "@isograd/equivariant";
import { memory, rng, scope, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import { ETHANOL } from "../benchmarks/energies/benchmark.js";
import { loadMolecule } from "../benchmarks/energies/data.js";
import { driftOf, simulate } from "../benchmarks/energies/dynamics.js";
import { EnergyModel, energyAndForceLoss } from "../benchmarks/energies/model.js";

const data = loadMolecule(readFileSync(ETHANOL), { train: 100, validation: 10, test: 5 });
const poses = {
  positions: data.test.positions.slice([[0, 2]]).cast("float64"),
  energies: data.test.energies.slice([[0, 2]]).cast("float64"),
  forces: data.test.forces.slice([[0, 2]]).cast("float64"),
};
const models = (["PONITA", "PNITA"] as const).map(
  (name) => [name, new EnergyModel(name, data.numbers, "quick", { dtype: "float64" })] as const,
);

/** x with a number added at one place. */
function moved(x: Tensor, place: number, by: number): Tensor {
  const values = Float64Array.from(x.dataSync());
  values[place]! += by;
  return tensor(values, { shape: x.shape });
}

describe("ethanol", () => {
  it("is normalised by its training set, and split without overlap", () => {
    expect(data.numbers).toEqual([6, 6, 8, 1, 1, 1, 1, 1, 1]);
    expect(data.train.forces.square().mean().item()).toBeCloseTo(1, 5);
    expect(data.train.energies.mean().item()).toBeCloseTo(0, 5);
    expect(data.scale).toBeGreaterThan(25);
    expect(data.scale).toBeLessThan(28);
    const rows = [data.train, data.validation, data.test].flatMap((set) => set.energies.toArray());
    expect(rows).toHaveLength(115);
    expect(new Set(rows).size).toBeGreaterThan(110);
  });
});

describe.each(models)("%s as a potential", (_, model) => {
  it("has forces that are minus the slope of the energy, and sum to zero", () => {
    const { forces } = model.forward(poses.positions);
    const h = 1e-5;
    for (const place of [0, 4, 8, 13, 26]) {
      const [up, down] = [h, -h].map((by) =>
        model
          .energies(moved(poses.positions, place, by))
          .slice([[0, 1]])
          .item(),
      );
      const found = forces.dataSync()[place]!;
      expect(Math.abs(found + (up! - down!) / (2 * h))).toBeLessThan(1e-7);
    }
    expect(forces.sum({ axis: 1 }).abs().max().item()).toBeLessThan(1e-12);
  });

  it("has a loss whose gradient is right through energies and forces", () => {
    const loss = (m: EnergyModel): Tensor => energyAndForceLoss(m.forward(poses.positions), poses);
    const weight = model.network.embedding.weight;
    const [, slopes] = valueAndGrad(loss)(model);
    const slope = slopes["network.embedding.weight"];
    const kept = weight.value.mul(1); // a copy: what is assigned goes behind the same handle
    const h = 1e-5;
    for (const place of [0, 5]) {
      const [up, down] = [h, -h].map((by) => {
        weight.value = moved(kept, place, by);
        return loss(model).item();
      });
      weight.value = kept;
      expect(slope?.dataSync()[place]).toBeCloseTo((up! - down!) / (2 * h), 6);
    }
  });

  it("is the same for a turned molecule as far as its grid allows", () => {
    const turn = tensor(randomRotation(rng(1)), { dtype: "float64" }).mT;
    const [one, other] = [poses.positions, poses.positions.matmul(turn)].map((x) =>
      model.energies(x),
    );
    const error = one!.sub(other!).abs().max().item();
    expect(error).toBeLessThan(model.network.constructor.name === "Pnita" ? 1e-12 : 0.5);
  });

  it("leaves no memory behind", () => {
    const before = memory().tensors;
    scope(() => void model.forward(poses.positions).forces);
    expect(memory().tensors).toBe(before);
  });
});

describe("dynamics", () => {
  const spring = (k: number) => (x: Float64Array) => {
    const d = [0, 1, 2].map((i) => x[i + 3]! - x[i]!);
    const r = Math.hypot(...d);
    const pull = (k * (r - 1)) / r;
    return {
      energy: 0.5 * k * (r - 1) ** 2,
      forces: [...d.map((u) => pull * u), ...d.map((u) => -pull * u)],
    };
  };

  it("swings two atoms on a spring at the known frequency, with errors that fall as dt²", () => {
    // Reduced mass ½ u, k in kcal/mol/Å²: period 2π √(μ/(k·4.184e-4)) fs.
    const k = 500;
    const period = 2 * Math.PI * Math.sqrt(0.504 / (k * 4.184e-4));
    const run = (dt: number) =>
      simulate(spring(k), {
        ...{ numbers: [1, 1], positions: Float64Array.of(0, 0, 0, 1.1, 0, 0), temperature: 0, dt },
        ...{ steps: Math.round(period / dt), every: 1, rng: rng(0) },
      });
    const [coarse, fine] = [run(period / 40), run(period / 80)];
    expect(coarse.at(-1)!.positions[3]! - coarse.at(-1)!.positions[0]!).toBeCloseTo(1.1, 3);
    expect(driftOf(coarse).largest / driftOf(fine).largest).toBeCloseTo(4, 1);
  });

  it("starts without momentum, at about the temperature asked for", () => {
    const numbers = Array.from({ length: 200 }, () => 6);
    const still = (x: Float64Array) => ({ energy: 0, forces: new Float64Array(x.length) });
    const positions = new Float64Array(600);
    const [first, last] = simulate(still, { numbers, positions, steps: 10, rng: rng(2) });
    const wanted = 1.5 * 199 * 1.987204e-3 * 300;
    expect(Math.abs(first!.kinetic / wanted - 1)).toBeLessThan(0.15);
    const sum = last!.positions.reduce((s, x, k) => s + (k % 3 === 0 ? x : 0), 0);
    expect(Math.abs(sum)).toBeLessThan(1e-9);
    expect(driftOf([first!, last!]).perPicosecond).toBeCloseTo(0, 12);
  });

  it("measures drift as the slope of the total energy", () => {
    const frame = (time: number, potential: number) => ({
      ...{ time, potential, kinetic: 1, positions: new Float64Array(0) },
    });
    const drift = driftOf(
      [0, 1, 2, 3].map((i) => frame(1000 * i, 2 * i + (i % 2 === 0 ? 0.5 : -0.5))),
    );
    expect(drift.perPicosecond).toBeCloseTo(1.8, 12);
    expect(drift.largest).toBeCloseTo(5, 12);
  });
});
