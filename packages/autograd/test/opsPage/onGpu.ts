/**
 * @file The part of the page of ops on the GPU: totals of each mode, errors that the GPU tests
 * measured, exceptions.
 */
import { allOps, type Op } from "@isograd/tensor/engine";
import { lookUp } from "../../../tensor/src/devices/gpu/kernels/lookup.js";
import { EXCEPTIONS, elementwiseOps, VALUES } from "../devices/special.js";
import measured from "../golden/gpuErrors.json" with { type: "json" };

type PerOp = Readonly<Record<string, number>>;

const MODES = [
  ["WebGL2", measured.webgl2],
  ["WebGPU", measured.webgpu],
] as const;

/** Whether an op has a kernel; one text serves both modes. */
export function hasGpuKernel(op: Op): boolean {
  const { formula, kernel, many } = lookUp(op);
  return formula !== undefined || kernel !== undefined || many !== undefined;
}

const text = (n: number | undefined): string => {
  if (n === undefined) return "not measured";
  return n > 0 && n < 1 ? n.toExponential() : String(n);
};

/** One number if both modes agree; else that of WebGL2, then that of WebGPU. */
function both(of: (mode: (typeof MODES)[number][1]) => PerOp, name: string): string {
  const texts = MODES.map(([, mode]) => text(of(mode)[name]));
  return [...new Set(texts)].join(", ");
}

/** The largest error of an op. */
export const errorOf = (op: Op): string => both((mode) => mode.errors, op.name);

/** Totals, and where results differ. */
export function gpuChapter(): string {
  const ops = [...allOps().values()];
  const views = ops.filter((op) => op.view !== undefined);
  const host = ops.filter((op) => op.view === undefined && !hasGpuKernel(op));
  const totals = MODES.map(([mode, { errors }]) => {
    const worst = Math.max(...Object.values(errors));
    const over = Object.values(errors).filter((error) => error > 1e-4).length;
    const kernels = ops.length - views.length - host.length;
    const cells = [mode, ops.length, kernels, views.length, host.length, over, text(worst)];
    return `| ${cells.join(" | ")} |`;
  });
  const exact = elementwiseOps().length - Object.keys(EXCEPTIONS).length;
  const rows = Object.entries(EXCEPTIONS).map(([name, why]) => {
    const of = VALUES.length ** (allOps().get(name)?.scalar?.length ?? 1);
    return `| \`${name}\` | ${both((mode) => mode.special, name)} of ${of} | ${why} |`;
  });
  return `## On a GPU

| mode | ops | with a kernel | views, free | through the host | off by more than allowed | largest error |
| --- | --- | --- | --- | --- | --- | --- |
${totals.join("\n")}

**off on gpu** in the tables below is the largest |a − b| / (|b| + 0.1), rounded up, where a are
results and gradients on the GPU and b those of the reference device: over all samples of the tests
and, for elementwise functions, 2,048 numbers over their range. The limit is 1e-4, which is rtol 1e-4
and atol 1e-5. Two numbers are those of WebGL2 and of WebGPU. They are measured in headless Chromium
on a software renderer (SwiftShader); \`npm test -- gpu\` checks that none grows.

These ops run on the host: ${host.map((op) => `\`${op.name}\``).join(", ")}. Each
warns once, by its name. So do \`pinv\`, the nuclear norm and derivatives of determinants.

At special numbers (±0, ±1, ½, −2, ±3·10³⁸, ±∞, NaN, and all pairs of them), ${exact} elementwise
ops give the same as the reference. These differ at some of them:

| op | differs at | how |
| --- | --- | --- |
${rows.sort().join("\n")}`;
}
