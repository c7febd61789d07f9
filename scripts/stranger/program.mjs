/**
 * @file The program that every environment runs: all entry points, a gradient, a short training
 * run, and the GPU, which says what to install where GPU.js is missing.
 */
import * as autograd from "@isograd/autograd";
import * as check from "@isograd/autograd/check";
import * as viz from "@isograd/autograd/viz";
import * as compiler from "@isograd/compile";
import * as equivariant from "@isograd/equivariant";
import * as gpart from "@isograd/gpart";
import * as nn from "@isograd/nn";
import * as tensors from "@isograd/tensor";
import * as cpu from "@isograd/tensor/cpu";
import * as engine from "@isograd/tensor/engine";
import * as gpu from "@isograd/tensor/gpu";
import * as io from "@isograd/tensor/io";

const all = [
  ...[autograd, check, viz, compiler, equivariant, gpart, nn],
  ...[tensors, cpu, engine, gpu, io],
];

/** The derivative of Σ x² at [1, 2] on a device. */
async function slope(device) {
  const at = tensors.tensor([1, 2], { device });
  return [
    ...(await autograd
      .grad((x) => tensors.sum(tensors.square(x)))(at)
      .data()),
  ].join(" ");
}

async function train() {
  const { random, sin } = { random: tensors.rng(0), sin: tensors.sin };
  const x = random.uniform([64, 1], { low: -2, high: 2 });
  const model = new nn.MLP([1, 16, 1], { activation: "tanh", rng: random });
  const { history } = await nn.fit({
    model,
    loss: (m, batch) => nn.losses.mse(m.forward(batch.x), batch.y),
    optimizer: nn.adam(model, { lr: 0.02 }),
    data: new nn.DataLoader({ x, y: sin(x) }, { batchSize: 64 }),
    epochs: 40,
    compile: compiler.compile,
    progress: false,
  });
  return history.at(-1).loss < history[0].loss / 2 ? "trains" : "does not train";
}

/** Whether the GPU agrees with the CPU, or why it cannot start. */
async function onGpu(wanted) {
  try {
    const { mode } = await tensors.init("gpu");
    return `${mode} ${(await slope("gpu")) === wanted ? "agrees" : "differs"}`;
  } catch (error) {
    const { name, help = "" } = error;
    return `${name}: ${help.includes("npm install gpu.js@") ? "install GPU.js" : error.message}`;
  }
}

export async function program() {
  if (all.some((module) => Object.keys(module).length === 0)) throw new Error("an empty module");
  const found = await slope("cpu");
  return `${found}, ${await train()}, ${await onGpu(found)}`;
}
