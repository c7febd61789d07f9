/**
 * @file Three ops as a user writes them, in one file outside of the repository, checked under every
 * transform. The project of the pack test compiles and runs it against the packed packages.
 */
import {
  checkpoint,
  defineKernelOp,
  defineOp,
  detectAnomaly,
  grad,
  gradcheck,
  gradgradcheck,
  hessian,
  hvp,
  jacobian,
  jvp,
  traceDot,
  vjp,
  vmap,
} from "@isograd/autograd";
import { concat, matmul, ShapeError, sqrt, type Tensor, tensor, zerosLike } from "@isograd/tensor";

/** x/(1 + |x|), by the formula of one number; its derivative is 1/(1 + |x|)². */
const softsign = defineOp<readonly [Tensor]>({
  name: "softsign",
  scalar: (x) => x / (1 + Math.abs(x)),
  gpu: "return x / (1.0 + Math.abs(x));",
  vjp: ({ inputs: [x] }) => [(g) => g.div(x.abs().add(1).square())],
});

/**
 * |aᵢ − bⱼ|² of points a [n, d] and b [m, d], as [n, m]; with a rule for the shape, made of other
 * ops.
 */
const squaredDistances = defineOp<readonly [Tensor, Tensor]>({
  name: "squaredDistances",
  infer([a, b]) {
    if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[1] !== b.shape[1]) {
      throw new ShapeError(
        "squaredDistances",
        `points [${a.shape}] and [${b.shape}] do not fit`,
        "give [n, d] and [m, d]",
      );
    }
    const [[n = 0], [m = 0]] = [a.shape, b.shape];
    return { shape: [n, m], dtype: a.dtype };
  },
  forward: ([a, b]) => a.expandDims(1).sub(b.expandDims(0)).square().sum({ axis: 2 }),
  // ∂/∂aᵢ Σ g |aᵢ − bⱼ|² = 2 Σⱼ gᵢⱼ (aᵢ − bⱼ)
  vjp: ({ inputs: [a, b] }) => [
    (g) =>
      a
        .mul(g.sum({ axis: 1, keepdims: true }))
        .sub(matmul(g, b))
        .mul(2),
    (g) =>
      b
        .mul(g.sum({ axis: 0 }).expandDims(1))
        .sub(matmul(g.mT, a))
        .mul(2),
  ],
});

/** (aᵢ − aᵢ₋₁)² along the last axis, as one GPU.js kernel; 0 at the start. */
const jumps = defineKernelOp<readonly [Tensor]>({
  name: "jumps",
  kernel: `function (a) {
    let d = 0;
    const row = this.thread.y;
    if (this.thread.x > 0) { d = a[row][this.thread.x] - a[row][this.thread.x - 1]; }
    return d * d;
  }`,
  vjp: ({ inputs: [v] }) => [(g) => jumpsBack(v, g)],
});

/** Its transpose: 2 (gᵢ dᵢ − gᵢ₊₁ dᵢ₊₁), where dᵢ = aᵢ − aᵢ₋₁. */
function jumpsBack(v: Tensor, g: Tensor): Tensor {
  const later = (x: Tensor): Tensor => x.slice([null, [1]]);
  const pushed = later(g)
    .mul(later(v).sub(v.slice([null, [0, -1]])))
    .mul(2);
  const none = zerosLike(v.slice([null, [0, 1]]));
  return concat([none, pushed], { axis: 1 }).sub(concat([pushed, none], { axis: 1 }));
}

const f64 = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "float64" });
const x = f64([0.5, -1.5, 2]);
const a = f64([
  [0.1, 0.9],
  [-1.2, 0.4],
  [2, -0.3],
]);
const b = f64([
  [1.1, -0.7],
  [0.3, 0.2],
]);
/** The same function of the library's own ops. */
const own = (v: Tensor): Tensor => v.div(v.abs().add(1));
const direction = f64([1, -2, 0.5]);

let checks = 0;
function check(what: string, ok: boolean): void {
  if (!ok) throw new Error(`an op of a user's own: ${what}`);
  checks++;
}
const same = (p: Tensor, q: Tensor): boolean => p.sub(q).abs().max().item() < 1e-12;
function both(what: string, f: (op: (v: Tensor) => Tensor) => Tensor): void {
  check(what, same(f(softsign), f(own)));
}
function message(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    return String(error);
  }
}

check("gradcheck", gradcheck(softsign, [x]) < 1e-6);
check("gradcheck of two inputs", gradcheck(squaredDistances, [a, b]) < 1e-6);
check("gradgradcheck", gradgradcheck(squaredDistances, [a, b]) < 1e-5);
check("gradcheck of a kernel", gradcheck(jumps, [a]) < 1e-6);
check("gradgradcheck of a kernel", gradgradcheck(jumps, [a]) < 1e-5);
check("a kernel's value", same(jumps(f64([[1, 3, 2]])), f64([[0, 4, 1]])));
const arrow = (): unknown => defineKernelOp({ name: "arrow", kernel: "(p) => p[0]", vjp: null });
check("a kernel's refusal", message(arrow).includes("write function (a, b)"));
both("value", (op) => op(x));
both("grad", (op) => grad((v: Tensor) => op(v).sum())(x));
both("grad of grad", (op) =>
  grad((v: Tensor) =>
    grad((w: Tensor) => op(w).sum())(v)
      .square()
      .sum(),
  )(x),
);
both("vjp", (op) => vjp(op, x).pull(direction) as Tensor);
both("jvp", (op) => jvp(op, x, direction)[1] as Tensor);
both("jacobian", (op) => jacobian(op)(x) as Tensor);
both("jacobian forward", (op) => jacobian(op, { mode: "forward" })(x) as Tensor);
both("hessian", (op) => hessian((v: Tensor) => op(v).square().sum())(x) as Tensor);
both("hvp", (op) => hvp((v: Tensor) => op(v).square().sum(), x, direction) as Tensor);
both("vmap", (op) => vmap((row: Tensor) => op(row).mul(row))(a) as Tensor);
both("vmap of grad", (op) => vmap(grad((row: Tensor) => op(row).square().sum()))(a) as Tensor);
both("checkpoint", (op) => grad((v: Tensor) => checkpoint(op)(v).sum())(x));

const apart = (p: Tensor, q: Tensor): Tensor => p.expandDims(1).sub(q).square().sum({ axis: 2 });
const nearest = (f: typeof apart) => (p: Tensor) => sqrt(f(p, b).add(1)).sum();
check("two inputs", same(squaredDistances(a, b), apart(a, b)));
check("their gradient", same(grad(nearest(squaredDistances))(a), grad(nearest(apart))(a)));
const batch = f64([
  [0.1, 0.9],
  [-1.2, 0.4],
])
  .expandDims(0)
  .add(f64([[0], [1], [2]]).expandDims(2));
const samples = (f: typeof apart) => vmap(grad(nearest(f)))(batch) as Tensor;
check("their gradients by vmap", same(samples(squaredDistances), samples(apart)));
check("the picture", traceDot((v) => softsign(v), x).includes("softsign [3]"));
check("the refusal", message(() => squaredDistances(a, x)).includes("points [3,2] and [3]"));
const found = message(() => detectAnomaly(() => grad((v: Tensor) => softsign(v).sqrt().sum())(x)));
check("an anomaly behind it", found.includes("sqrt"));

console.log(`own ops: ${checks} checks`);
