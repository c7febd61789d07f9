/** @file Isograd on GPU.js: the rows written with its ops. */
import {
  add,
  gelu,
  geluTanh,
  matmul,
  mul,
  scope,
  segmentSum,
  setDefaultDevice,
  softmax,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
} from "@isograd/tensor";
import { type Mode, startGpu, stopGpu } from "@isograd/tensor/gpu";
import { ponitaTraining } from "../../rows/ponita.js";
import { isogradTraining } from "../../rows/training/isograd.js";
import { task } from "../../rows/training/task.js";
import { ATOMIC, MADE, SEGMENTS } from "../rows.js";
import type { Library, Work } from "./library.js";

type Formula = (...inputs: Tensor[]) => Tensor;

const chain =
  (f: (x: Tensor) => Tensor): Formula =>
  (x, y, z) =>
    f(add(mul(x, y), z));
const product: Formula = (a, b) => matmul(a, b);
const scatter: Formula = (v, at) => segmentSum(v, at, SEGMENTS);

const formulas: Readonly<Record<string, Formula>> = {
  "matmul 256": product,
  "matmul 512": product,
  "matmul 1024": product,
  "tanh(x·y + z) 1e6": chain(tanh),
  "gelu(x·y + z) 1e6": chain(geluTanh),
  "gelu by erf(x·y + z) 1e6": chain(gelu),
  "softmax 1024²": (x) => softmax(x),
  "sum over axis 0 2048²": (x) => sum(x, { axis: 0 }),
  "sum over axis 1 2048²": (x) => sum(x, { axis: 1 }),
  "gather 1e6": (x, at) => take(x, at),
};

async function work(row: string, inputs: readonly Tensor[]): Promise<Work<Tensor> | undefined> {
  if (row.startsWith("training step")) return isogradTraining(task());
  if (row.startsWith("PONITA")) {
    setDefaultDevice("cpu");
    const made = await ponitaTraining("gpu");
    setDefaultDevice("gpu");
    return made;
  }
  const formula = row.startsWith("scatter-add") ? scatter : formulas[row];
  if (formula === undefined) return undefined;
  if (row.includes(MADE)) {
    const [values, at] = inputs;
    if (values === undefined || at === undefined) return undefined;
    const made = scope(() => add(at, tensor(0, { dtype: "int32" })));
    return {
      step: () => scope(() => scatter(values, made)),
      free: () => [values, at, made].forEach((x) => void x.dispose()),
    };
  }
  return {
    step: () => scope(() => formula(...inputs)),
    free: () => inputs.forEach((x) => void x.dispose()),
  };
}

/** Starts the device and gives the library. */
export async function isograd(mode: Mode): Promise<Library<Tensor>> {
  let device = await startGpu({ mode });
  setDefaultDevice("gpu");
  return {
    async begin(row) {
      const scatter = row.endsWith(ATOMIC) ? "atomic" : "sorted";
      if (scatter === device.scatter) return true;
      if (mode === "webgl2") return false;
      await stopGpu();
      device = await startGpu({ mode, scatter });
      setDefaultDevice("gpu");
      return true;
    },
    tensor: ({ data, shape }) => tensor(data, { shape }),
    work,
    first: (x) => scope(() => x.reshape([x.size]).slice([[0, 1]])),
    read: async (x) => (await x.data()) as ArrayLike<number>,
    dispose: (x) => x.dispose(),
    launches: () => device.counts().launches,
  };
}
