/** @file jax-js on its WebAssembly backend as a contender, with and without jit. */
import { defaultDevice, init, jit, numpy as np } from "@jax-js/jax";
import type { Contender } from "../harness/contender.js";
import type { Host } from "../harness/inputs.js";

/** Work that consumes its arguments, as every function of jax-js does. */
export type JaxWork = (...inputs: np.Array[]) => np.Array;

/** Starts the backend. In Node, where there are no Web Workers, it has one thread. */
export async function startJax(): Promise<void> {
  await init("wasm");
  defaultDevice("wasm");
}

export function toJax({ data, shape }: Host): np.Array {
  const own = data.slice();
  return np.array(own, { shape, dtype: data instanceof Int32Array ? np.int32 : np.float32 });
}

/** Work on arrays made from host arrays, compiled (`jitted`) or op by op. */
export function ofJax(hosts: readonly Host[], work: JaxWork, jitted: boolean): Contender {
  const inputs = hosts.map(toJax);
  const compiled = jitted ? jit(work) : null;
  const once = (): np.Array => (compiled ?? work)(...inputs.map((x) => x.ref));
  return {
    async run() {
      const y = once();
      await y.blockUntilReady();
      y.dispose();
    },
    values: () => once().data(),
    free() {
      for (const x of inputs) x.dispose();
      compiled?.dispose();
    },
  };
}
