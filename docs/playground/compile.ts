// A function that is captured once, and replayed as one WebAssembly function with the same bits.
import { grad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { MLP } from "@isograd/nn";
import { rng, type Tensor } from "@isograd/tensor";

const model = new MLP([2, 16, 16, 1], { activation: "tanh", rng: rng(0) });
const x = rng(1).normal([32, 2]);

// the slope of the network with respect to its inputs
const slope = (v: Tensor) => grad((u: Tensor) => model.forward(u).sum())(v);
const compiled = compile(slope, { state: [model] });

const [eager, replayed] = [slope(x), compiled(x)];
eager.equal(replayed).all(); // → Tensor(bool, []) true

/** Microseconds a call, the best of some rounds. */
function time(f: (v: Tensor) => Tensor): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const begin = performance.now();
    for (let i = 0; i < 50; i++) f(x).dispose();
    best = Math.min(best, (performance.now() - begin) / 50);
  }
  return 1000 * best;
}
const [slow, fast] = [time(slope), time(compiled)];
console.log(`op by op ${slow.toFixed(0)} µs, compiled ${fast.toFixed(0)} µs`);

// what it became: instructions, their places in memory, groups that run in one loop
console.log(compiled.toString());

// and as a graph
compiled.toDot();
