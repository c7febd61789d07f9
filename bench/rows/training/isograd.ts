/** @file The training step in Isograd. */
import { valueAndGrad } from "@isograd/autograd";
import { adam, losses } from "@isograd/nn";
import { add, matmul, relu, type Tensor } from "@isograd/tensor";
import { toTensor } from "../../libraries/isograd.js";
import { ADAM, type Task, type Training } from "./task.js";

export function isogradTraining(task: Task): Training<Tensor> & { readonly state: unknown } {
  const [x, y] = [toTensor(task.x), toTensor(task.y)];
  const params = task.weights.map(toTensor);
  const { lr, beta1, beta2, eps } = ADAM;
  const optimizer = adam(params, { lr, betas: [beta1, beta2], eps });
  const slopes = valueAndGrad((p: Tensor[]) => {
    let h = x;
    for (let i = 0; i < p.length; i += 2) {
      const z = add(matmul(h, p[i] as Tensor), p[i + 1] as Tensor);
      h = i + 2 < p.length ? relu(z) : z;
    }
    return losses.crossEntropy(h, y);
  });
  return {
    state: [params, optimizer],
    step() {
      const [loss, grads] = slopes(params);
      optimizer.step(grads);
      return loss;
    },
    free() {
      optimizer.dispose();
      for (const t of [x, y, ...params]) t.dispose();
    },
  };
}
