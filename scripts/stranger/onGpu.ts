/**
 * @file A page as a user writes it: trains on the CPU, then runs an op of one GPU.js kernel on the
 * GPU, in both modes. The project of the pack test compiles and bundles it against the packed
 * packages; its title shows the results.
 */
import { defineKernelOp, grad } from "@isograd/autograd";
import { init, type Tensor, tensor } from "@isograd/tensor";

/** The sum of each place and the one before it, along the last axis. */
const pairs = defineKernelOp<readonly [Tensor]>({
  name: "pairs",
  kernel: function (a) {
    let sum = a[this.thread.x];
    if (this.thread.x > 0) {
      sum += a[this.thread.x - 1];
    }
    return Math.tanh(100 * sum) + sum;
  },
  vjp: null,
});

/** aᵢ bᵢ², with its derivatives. */
const cubic = defineKernelOp<readonly [Tensor, Tensor], { scale: number }>({
  name: "cubic",
  kernel: `function (a, b) {
    const y = b[this.thread.x];
    return this.constants.scale * a[this.thread.x] * y * y;
  }`,
  constants: (_, { scale }) => ({ scale }),
  vjp: ({ inputs: [a, b], attrs: { scale } }) => [
    (g) => g.mul(b.square()).mul(scale),
    (g) =>
      g
        .mul(a)
        .mul(b)
        .mul(2 * scale),
  ],
});

/** Values of both ops and of the gradients, where the tensors live. */
async function values(device: string): Promise<number[]> {
  const a = tensor([1, -2, 0.5], { device });
  const b = tensor([0.3, 0.4, -1.5], { device });
  const loss = ([x, y]: readonly [Tensor, Tensor]) => cubic(x, y, { scale: 3 }).sum();
  const all = [pairs(a), cubic(a, b, { scale: 3 }), ...grad(loss)([a, b])];
  return (await Promise.all(all.map((x) => x.data()))).flatMap((data) => [...data]);
}

/** Names of the scripts that the page has fetched. */
const fetched = (): string[] =>
  performance
    .getEntriesByType("resource")
    .map(({ name }) => name.split("/").pop() ?? "")
    .filter((name) => name.endsWith(".js"));

const wanted = await values("cpu");
const before = fetched();
const found: string[] = [];
for (const mode of ["webgl2", "webgpu"] as const) {
  const device = await init("gpu", { mode });
  const got = await values("gpu");
  const off = Math.max(...got.map((v, i) => Math.abs(v - (wanted[i] as number))));
  found.push(`${device.mode} ${off < 1e-5 ? "agrees" : `is off by ${off}`}`);
  const { stopGpu } = await import("@isograd/tensor/gpu");
  await stopGpu();
}
const more = fetched().filter((name) => !before.includes(name));
const amount = more.length > 0 ? "more" : "nothing";
document.title = `${found.join(", ")}; for the GPU ${amount} was fetched`;
