/** @file The page of a strict Content-Security-Policy: says what works under it, and what warns. */
import {
  defineKernelOp,
  init,
  matmul,
  ones,
  tensor,
} from "./node_modules/@isograd/bundle/dist/isograd.js";

const warnings = [];
console.warn = (text) => warnings.push(text);

const twice = defineKernelOp({
  name: "twice",
  kernel: function (a) {
    return 2 * a[this.thread.x];
  },
  vjp: null,
});

async function tried() {
  const { threads } = await init({ threads: 3 });
  const square = ones([300, 300]);
  const found = matmul(square, square).max().item();
  const own = twice(tensor([1, 2]))
    .toArray()
    .join(" ");
  await init({ threads: 2 });
  const told = warnings.filter((text) => text.includes("worker-src blob:")).length;
  return `${threads} threads, ${found}, ${own}, ${told} warnings`;
}

const output = document.createElement("output");
output.textContent = await tried().catch(String);
document.body.append(output);
