/** @file `npm run bench -- --scaling`: large ops on one thread and on all cores, in turns. */
import { add, init, matmul, rng, scope, softmax, type Tensor, tanh } from "@isograd/tensor";

const ROUNDS = 7;
const SAMPLE_MS = 60;

function work(): Readonly<Record<string, () => void>> {
  const draw = (...shape: number[]): Tensor => rng(1).normal(shape);
  const squares = [256, 512, 1024].map((n) => [n, draw(n, n)] as const);
  const products = squares.map(([n, x]) => {
    return [`matmul ${n}`, () => scope(() => void matmul(x, x))] as const;
  });
  const [long, other, rows] = [draw(1e6), draw(1e6), draw(1024, 1024)];
  const batch = draw(32, 128, 128);
  return {
    ...Object.fromEntries(products),
    "matmul 32 × 128": () => scope(() => void matmul(batch, batch)),
    "tanh of 10⁶": () => scope(() => void tanh(long)),
    "add of 10⁶": () => scope(() => void add(long, other)),
    "softmax 1024 × 1024": () => scope(() => void softmax(rows)),
  };
}

/** Milliseconds per call, over one sample by the clock. */
function sample(fn: () => void, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) fn();
  return (performance.now() - start) / calls;
}

/** Prints the best of several rounds for each, and their ratio. */
export async function scaling(): Promise<void> {
  const { threads: all } = await init();
  const best = new Map<string, { one: number; many: number }>();
  const rows = Object.entries(work());
  for (let round = 0; round < ROUNDS; round++) {
    for (const [which, threads] of [
      ["one", 1],
      ["many", all],
    ] as const) {
      await init({ threads });
      for (const [name, fn] of rows) {
        sample(fn, 2);
        const calls = Math.max(1, Math.round(SAMPLE_MS / sample(fn, 3)));
        const never = Number.POSITIVE_INFINITY;
        const times = best.get(name) ?? { one: never, many: never };
        times[which] = Math.min(times[which], sample(fn, calls));
        best.set(name, times);
      }
    }
  }
  console.log(`one thread, ${all} threads (ms, best of ${ROUNDS}), ratio`);
  for (const [name, { one, many }] of best) {
    const figures = `${one.toFixed(3).padStart(9)} ${many.toFixed(3).padStart(9)}`;
    console.log(`${name.padEnd(20)} ${figures}  ${(one / many).toFixed(2)}×`);
  }
}
