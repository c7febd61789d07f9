/** @file Isograd as a contender. */
import { scope, type Tensor, tensor } from "@isograd/tensor";
import type { Contender } from "../harness/contender.js";
import type { Host } from "../harness/inputs.js";

export const toTensor = ({ data, shape }: Host): Tensor => tensor(data, { shape });

/** Work on tensors made from host arrays. Ops run at the call: no need to wait. */
export function ofIsograd(
  hosts: readonly Host[],
  work: (...inputs: Tensor[]) => Tensor,
): Contender {
  const inputs = hosts.map(toTensor);
  const once = () => void work(...inputs);
  return {
    run: () => scope(once),
    values() {
      const y = scope(() => work(...inputs));
      const values = y.dataSync();
      y.dispose();
      return values;
    },
    free: () => inputs.forEach((x) => void x.dispose()),
  };
}
