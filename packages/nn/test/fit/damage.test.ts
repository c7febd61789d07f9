/** @file Damaged and foreign checkpoints: refused with one error, soon, and nothing has changed. */
import { FormatError, IsogradError, rng } from "@isograd/tensor";
import { crc32 } from "@isograd/tensor/engine";
import { loadSafetensors, saveSafetensors } from "@isograd/tensor/io";
import { describe, expect, it } from "vitest";
import { adamw, DataLoader, Dropout, fit, losses, MLP, Module } from "../../src/index.js";
import { alive, bits } from "../helpers.js";
import { loss, Noisy, sine } from "./problems.js";

/** New options of a run with all that a checkpoint may hold. */
function options() {
  const random = rng(9);
  const model = new Noisy(random);
  return {
    model,
    loss,
    optimizer: adamw(model, { lr: 0.02 }),
    data: new DataLoader(sine(), { batchSize: 8, shuffle: random }),
    ema: 0.8,
    validation: { data: new DataLoader(sine(1), { batchSize: 10 }), every: 4 },
    maxSteps: 13,
    progress: false as const,
  };
}

async function checkpoint(more: object = {}): Promise<Uint8Array> {
  let last = new Uint8Array();
  await fit({
    ...options(),
    ...more,
    onCheckpoint: (bytes: Uint8Array) => {
      last = bytes.slice();
    },
  });
  return last;
}

/** Expects one error of ours, with all as it was before. */
async function refused(resume: Uint8Array, more: object = {}): Promise<string> {
  const run = { ...options(), ...more };
  run.model.eval();
  const weights = bits(run.model.stateDict());
  const state = () => JSON.stringify([run.data.state(), run.data.rng?.state(), run.optimizer.lr]);
  const place = state();
  const before = alive().tensors;
  let found: unknown;
  try {
    await fit({ ...run, resume, maxSteps: 14 });
  } catch (error) {
    found = error;
  }
  expect(alive().tensors).toBe(before);
  expect(found).toBeInstanceOf(IsogradError);
  expect(bits(run.model.stateDict())).toEqual(weights);
  expect(run.model.training).toBe(false);
  expect(run.optimizer.steps).toBe(0);
  expect(state()).toBe(place);
  return (found as Error).message;
}

/** The same file with another record, and the sum that fits. */
function withRecord(file: Uint8Array, change: (run: Record<string, unknown>) => unknown) {
  const { tensors, metadata } = loadSafetensors(file);
  const run = JSON.parse(metadata.run as string) as Record<string, unknown>;
  const text = change(run) ?? run;
  return sealed(tensors, typeof text === "string" ? text : JSON.stringify(text));
}

function sealed(tensors: Parameters<typeof saveSafetensors>[0], run: string): Uint8Array {
  const format = "isograd-checkpoint-v2";
  const file = saveSafetensors(tensors, { checksum: "00000000", format, run });
  const at = 8 + '{"__metadata__":{"checksum":"'.length;
  const sum = crc32(file.subarray(at + 8), crc32(file.subarray(0, at)));
  file.set(new TextEncoder().encode(sum.toString(16).padStart(8, "0")), at);
  return file;
}

describe("resume", async () => {
  const file = await checkpoint();

  it("takes the file that is whole", async () => {
    const { steps } = await fit({ ...options(), resume: withRecord(file, () => null) });
    expect(steps).toBe(13);
  });

  it("refuses files cut short, with a flipped bit, or longer", async () => {
    for (let n = 0; n < file.length; n += 331) {
      expect(await refused(file.slice(0, n))).toContain("fit: the checkpoint is damaged: ");
    }
    for (let at = 0; at < file.length; at += 211) {
      const copy = file.slice();
      copy[at] = (copy[at] as number) ^ (1 << (at % 8));
      await refused(copy);
    }
    await refused(Uint8Array.of(...file, 0));
  });

  const bad = [Number.NaN, -1, 1.5, 1e300, null, "3", {}, [], undefined];
  const fields = ["step", "epoch", "position", "worse"] as const;
  it.each(fields)("refuses a record with a wrong %s", async (name) => {
    for (const value of bad) {
      const message = await refused(withRecord(file, (run) => ({ ...run, [name]: value })));
      expect(message, String(value)).toContain(`the checkpoint is damaged: ${name} is `);
    }
  });

  type Parts = Record<string, Record<string, unknown>>;
  it.each<[string, (run: Parts & { history: Parts[] }) => unknown]>([
    ["no JSON", () => "{"],
    ["a list", () => []],
    ["null", () => "null"],
    ["negative seconds", (run) => ({ ...run, seconds: -1 })],
    ["endless seconds", (run) => ({ ...run, seconds: "Infinity" })],
    ["an epoch beyond its step", (run) => ({ ...run, epoch: 14 })],
    ["a history that is no list", (run) => ({ ...run, history: {} })],
    [
      "a record without a loss",
      (run) => ({ ...run, history: [{ ...run.history[0], loss: null }] }),
    ],
    ["a record of a later step", (run) => ({ ...run, history: [{ ...run.history[0], step: 99 }] })],
    [
      "metrics of text",
      (run) => ({ ...run, history: [{ ...run.history[0], metrics: { a: "b" } }] }),
    ],
    ["a best step beyond its step", (run) => ({ ...run, best: { step: 14, valLoss: 1 } })],
    ["a best loss of NaN", (run) => ({ ...run, best: { step: 4, valLoss: "NaN" } })],
    ["a loader of text", (run) => ({ ...run, loader: "x" })],
    [
      "a shuffle that is no state",
      (run) => ({ ...run, loader: { ...run.loader, shuffle: [0, 0, 0, 0] } }),
    ],
    ["a place beyond the data", (run) => ({ ...run, loader: { ...run.loader, position: 6 } })],
    ["generators missing", (run) => ({ ...run, generators: {} })],
    ["a generator of text", (run) => ({ ...run, generators: { ...run.generators, data: "x" } })],
    ["no optimiser", (run) => ({ ...run, optimizer: null })],
    [
      "an optimiser with an endless rate",
      (run) => ({ ...run, optimizer: { ...run.optimizer, lr: "Infinity" } }),
    ],
    [
      "an optimiser with negative counts",
      (run) => ({ ...run, optimizer: { ...run.optimizer, counts: { "first.weight": -1 } } }),
    ],
    [
      "an optimiser of other parameters",
      (run) => ({ ...run, optimizer: { ...run.optimizer, counts: { constructor: 1 } } }),
    ],
    ["averages of text", (run) => ({ ...run, averaged: "x" })],
    ["no averages", (run) => ({ ...run, averaged: null })],
  ])("refuses a record with %s", async (_, change) => {
    await refused(withRecord(file, change as (run: Record<string, unknown>) => unknown));
  });

  it("refuses missing, strange and misshapen tensors", async () => {
    const { tensors, metadata } = loadSafetensors(file);
    for (const name of Object.keys(tensors)) {
      const { [name]: x, ...rest } = tensors;
      if (x === undefined) throw new Error(name);
      const run = metadata.run as string;
      await refused(sealed(rest, run));
      await refused(sealed({ ...rest, [name]: x.reshape([1, ...x.shape]) }, run));
      await refused(sealed({ ...rest, [name]: x.cast("float64") }, run));
      await refused(sealed({ ...tensors, [`${name}.more`]: x }, run));
    }
    await refused(sealed({ ...tensors, strange: sine().x }, metadata.run as string));
  });

  it("refuses what the run does not share with the saved one", async () => {
    expect(await refused(file, { ema: undefined })).toContain("it has averaged weights");
    expect(await refused(await checkpoint({ ema: undefined }))).toContain("no averaged weights");
    const plain = await checkpoint({ restoreBest: false });
    expect(await refused(plain)).toContain("pass restoreBest: false");
    const few = { data: new DataLoader(sine(0, 16), { batchSize: 8, shuffle: rng(9) }) };
    expect(await refused(file, few)).toContain("it stands after batch 3, the data have 2");
    const weights = saveSafetensors(new Noisy(rng(0)).stateDict());
    expect(await refused(weights)).toContain("this file is no checkpoint");
  });

  it("says where data that cannot be set to a place end too early", async () => {
    const model = new MLP([1, 4, 1], { rng: rng(0) });
    const batches = Array.from({ length: 4 }, (_, i) => sine(i, 8));
    const make = (data: Iterable<(typeof batches)[number]>, more: object) =>
      fit({
        model,
        loss: (m: MLP, { x, y }) => losses.mse(m.forward(x), y),
        optimizer: adamw(model, { lr: 0.01 }),
        data,
        maxSteps: 3,
        progress: false,
        ...more,
      });
    let last: Uint8Array | null = null;
    const onCheckpoint = (bytes: Uint8Array) => {
      last = bytes;
    };
    await make(batches, { onCheckpoint });
    const two = { [Symbol.iterator]: () => batches.slice(0, 2)[Symbol.iterator]() };
    await expect(make(two, { resume: last, maxSteps: 9 })).rejects.toThrow(
      "the data ended 1 batches before the place of the checkpoint",
    );
  });

  it("keeps losses that are not finite, to the last bit", async () => {
    const random = rng(3);
    class Silent extends Module {
      readonly drop = new Dropout(0.5, { rng: random });
      readonly net = new MLP([1, 4, 1], { rng: random });
    }
    const run = () => {
      const model = new Silent();
      return {
        model,
        loss: (m: Silent, { x, y }: ReturnType<typeof sine>) => losses.mse(m.net.forward(x), y),
        optimizer: adamw(model, { lr: 0.01 }),
        data: [sine()],
        validation: {
          data: [sine()],
          loss: (m: Silent, { x }: ReturnType<typeof sine>) => m.net.forward(x).mean().div(0),
          metrics: {
            nan: (m: Silent, { x }: ReturnType<typeof sine>) =>
              m.net.forward(x).mean().mul(Number.NaN),
          },
        },
        progress: false as const,
      };
    };
    let saved: Uint8Array | null = null;
    const first = await fit({
      ...run(),
      epochs: 2,
      restoreBest: false,
      onCheckpoint: (b) => {
        saved = b;
      },
    });
    const second = await fit({ ...run(), epochs: 2, restoreBest: false, resume: saved });
    expect(second.history.map(({ seconds: _, ...r }) => r)).toEqual(
      first.history.map(({ seconds: _, ...r }) => r),
    );
    expect(second.history[0]?.metrics?.nan).toBeNaN();
  });
});

it("a FormatError names the part of a checkpoint that is wrong", async () => {
  const file = await checkpoint();
  const broken = withRecord(file, (run) => ({ ...run, step: -1 }));
  await expect(fit({ ...options(), resume: broken })).rejects.toThrow(FormatError);
  await expect(fit({ ...options(), resume: broken })).rejects.toThrow("step is -1, not a count");
});
