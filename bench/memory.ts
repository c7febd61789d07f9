/**
 * @file A training loop whose memory must stay constant; prints tensors, bytes and process memory.
 */
import { valueAndGrad } from "@isograd/autograd";
import { adam } from "@isograd/nn";
import { memory, type Tensor, tensor } from "@isograd/tensor";
import { floats } from "./harness/inputs.js";

const MIB = 2 ** 20;
/** How much the process may grow after the first tenth: room for the garbage collector. */
const LEEWAY_MIB = 16;

interface Reading {
  readonly step: number;
  readonly tensors: number;
  readonly kib: number;
  readonly reservedMib: number;
  readonly heapMib: number;
  readonly rssMib: number;
}

function read(step: number): Reading {
  globalThis.gc?.();
  const { tensors, bytes, devices } = memory();
  const { heapUsed, rss } = process.memoryUsage();
  const reserved = Object.values(devices).reduce((sum, device) => sum + device.reserved, 0);
  return {
    step,
    tensors,
    kib: bytes / 1024,
    reservedMib: reserved / MIB,
    heapMib: heapUsed / MIB,
    rssMib: rss / MIB,
  };
}

/** An eager 2-32-32-1 regression with Adam: forward, backward, update, read the loss. */
function trainer(): () => number {
  const from = (shape: number[], seed: number, scale = 1) =>
    tensor(floats(shape, seed, scale).data, { shape });
  const [x, y] = [from([64, 2], 1), from([64, 1], 2)];
  const params = {
    w1: from([2, 32], 3),
    b1: from([32], 4, 0.1),
    w2: from([32, 32], 5, 0.3),
    b2: from([32], 6, 0.1),
    w3: from([32, 1], 7, 0.3),
  };
  const optimizer = adam(params, { lr: 1e-3 });
  const slopes = valueAndGrad(({ w1, b1, w2, b2, w3 }: typeof params): Tensor => {
    const h = x.matmul(w1).add(b1).tanh().matmul(w2).add(b2).gelu();
    return h.matmul(w3).sub(y).square().mean();
  });
  return () => {
    const [loss, grads] = slopes(params);
    optimizer.step(grads);
    const value = loss.item();
    loss.dispose();
    return value;
  };
}

/** Runs the loop, prints a reading after each tenth, and says whether memory stayed constant. */
export function memoryLoop(steps: number): void {
  const step = trainer();
  const readings: Reading[] = [];
  console.log("    step  tensors     KiB  reserved MiB  JS heap MiB  process MiB       loss");
  const every = Math.max(1, Math.floor(steps / 10));
  for (let i = 1; i <= steps; i++) {
    const loss = step();
    if (i % every !== 0) continue;
    const r = read(i);
    readings.push(r);
    const cells = [
      String(r.step).padStart(8),
      String(r.tensors).padStart(9),
      r.kib.toFixed(1).padStart(8),
      r.reservedMib.toFixed(1).padStart(14),
      r.heapMib.toFixed(2).padStart(13),
      r.rssMib.toFixed(1).padStart(13),
      loss.toExponential(3).padStart(11),
    ];
    console.log(cells.join(""));
  }
  const [first, last] = [readings[0], readings.at(-1)];
  const flat =
    first !== undefined &&
    last !== undefined &&
    last.tensors === first.tensors &&
    last.kib === first.kib &&
    last.reservedMib === first.reservedMib &&
    last.rssMib - first.rssMib < LEEWAY_MIB;
  console.log(flat ? "flat" : "NOT flat");
  if (!flat) process.exitCode = 1;
}
