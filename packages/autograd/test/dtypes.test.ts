/**
 * @file Dtypes through derivatives: a gradient has the dtype of its input, whatever the dtypes of
 * the other operands and of the cotangent. The values are compared with the same call in float64.
 */
import {
  concat,
  conv1d,
  cross,
  DeviceError,
  type DType,
  einsum,
  GradientError,
  layerNorm,
  lstsq,
  matmul,
  outer,
  rmsNorm,
  scaledDotProductAttention,
  solve,
  solveTriangular,
  stack,
  type Tensor,
  tensor,
  tensordot,
  vecdot,
  where,
} from "@isograd/tensor";
import { families, type Op } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";
import {
  backward,
  customVjp,
  defineOp,
  grad,
  hvp,
  jacobian,
  jvp,
  linearize,
  requiresGrad,
  vjp,
  vmap,
} from "../src/index.js";
import { ruleOf } from "../src/rules/lookup.js";
import { f64 } from "./helpers.js";

type Float = "float32" | "float64";
type Call = readonly [f: (...xs: Tensor[]) => Tensor, ...shapes: (readonly number[])[]];

const mask = tensor([true, false, true]);
const regular = tensor([
  [4, 0],
  [0, 4],
]);

const calls: Record<string, Call> = {
  where: [(a, b) => where(mask, a, b), [2, 3], [3]],
  concat: [(a, b) => concat([a, b], { axis: 1 }), [2, 3], [2, 1]],
  stack: [(a, b) => stack([a, b]), [2, 3], [2, 3]],
  einsum: [(a, b, c) => einsum("ij,jk,k->i", a, b, c), [2, 3], [3, 2], [2]],
  matmul: [matmul, [2, 3], [3, 2]],
  "matmul of vectors": [matmul, [3], [3]],
  tensordot: [(a, b) => tensordot(a, b, { axes: 1 }), [2, 3], [3, 2]],
  outer: [outer, [2], [3]],
  cross: [(a, b) => cross(a, b), [2, 3], [2, 3]],
  vecdot: [(a, b) => vecdot(a, b), [2, 3], [3]],
  solve: [(a, b) => solve(a.add(regular), b), [2, 2], [2, 3]],
  solveTriangular: [(a, b) => solveTriangular(a.add(regular), b), [2, 2], [2, 3]],
  lstsq: [(a, b) => lstsq(a.add(regular), b), [2, 2], [2, 1]],
  conv1d: [(x, w) => conv1d(x, w), [1, 2, 5], [3, 2, 2]],
  layerNorm: [(x, w, b) => layerNorm(x, w, b), [2, 3], [3], [3]],
  rmsNorm: [(x, w) => rmsNorm(x, w), [2, 3], [3]],
  attention: [(q, k, v) => scaledDotProductAttention(q, k, v), [1, 2, 3], [1, 2, 3], [1, 2, 3]],
  lerp: [(a, b) => a.add(b.sub(a).mul(0.25)), [2, 3], [3]],
};
const { fmod, xlogy } = families.special;
for (const [name, member] of Object.entries({ ...families.binary, fmod, xlogy })) {
  if (ruleOf((member as { op: unknown }).op as Op) === null) continue;
  calls[name] = [member as (...xs: Tensor[]) => Tensor, [2, 3], [3]];
}

/** Dtypes of the operands, then of the cotangent: every combination. */
const MIXED: readonly (readonly Float[])[] = [
  ["float32", "float64", "float32", "float32"],
  ["float64", "float32", "float64", "float64"],
  ["float32", "float32", "float32", "float64"],
  ["float64", "float64", "float64", "float32"],
];

/** Different numbers between ½ and 2, exact in float32. */
function draw(shape: readonly number[], seed: number, dtype: DType): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from(
    { length: size },
    (_, k) => 1.25 + 0.7 * Math.sin(37 * seed + 11 * k),
  );
  return tensor(values, { shape, dtype });
}

describe.each(Object.entries(calls))("%s", (_, [f, ...shapes]) => {
  const inputs = (dtypes: readonly Float[]) =>
    shapes.map((shape, i) => draw(shape, i + 1, dtypes[i] as Float));
  const pulled = (xs: Tensor[], u: Tensor): Tensor[] => {
    const back = vjp((ys: Tensor[]) => f(...ys), xs);
    try {
      return back.pull(u);
    } finally {
      back.dispose();
    }
  };

  it("gives each input a gradient of its dtype, for cotangents of either", () => {
    const exact = inputs(["float64", "float64", "float64"]);
    const { shape } = f(...exact);
    const wanted = pulled(exact, draw(shape, 9, "float64"));
    MIXED.forEach((dtypes, k) => {
      const [xs, u] = [inputs(dtypes), draw(shape, 9, dtypes[3] as Float)];
      const found = pulled(xs, u);
      const all = xs.map((x) => stack([x, x]));
      const each = k < 2 ? vmap((...ys: Tensor[]) => pulled(ys, u))(...all) : [];
      found.forEach((g, i) => {
        expect([g.dtype, g.shape]).toEqual([dtypes[i], shapes[i]]);
        near(g, wanted[i] as Tensor);
        if (each[i] === undefined) return;
        expect(each[i].dtype).toBe(dtypes[i]);
        near(each[i].slice([1]), wanted[i] as Tensor);
      });
    });
  });
});

function near(x: Tensor, y: Tensor): void {
  const ys = y.dataSync();
  x.dataSync().forEach((v, k) => {
    expect(Math.abs(v - (ys[k] as number))).toBeLessThan(2e-4 * (1 + Math.abs(ys[k] as number)));
  });
}

const f32 = (values: Parameters<typeof tensor>[0]) => tensor(values, { device: "reference" });
const i32 = (values: Parameters<typeof tensor>[0]) =>
  tensor(values, { dtype: "int32", device: "reference" });

describe("ops of a user's own", () => {
  const scalar = defineOp<readonly [Tensor, Tensor]>({
    name: "product",
    scalar: (x, y) => x * y,
    vjp: ({ inputs: [x, y] }) => [(g) => g.mul(y), (g) => g.mul(x)],
  });
  const free = (dtype: DType) =>
    customVjp(
      (x: Tensor) => x.mul(1),
      ({ args: [x] }, g) => [g.mul(2).add(x).cast(dtype)],
    );

  it("may promote, and give cotangents of another float", () => {
    // ∂(x y)/∂x = y, ∂(x y)/∂y = x
    const [gx, gy] = grad((xy: Tensor[]) => scalar(xy[0] as Tensor, xy[1] as Tensor).sum())([
      f32([3]),
      f64([5]),
    ]) as [Tensor, Tensor];
    expect([gx.dtype, gy.dtype, gx.item(), gy.item()]).toEqual(["float32", "float64", 5, 3]);
    // 2 g + x
    for (const x of [f32([3]), f64([3])]) {
      for (const dtype of ["float32", "float64"] as const) {
        const g = grad((y: Tensor) => free(dtype)(y).sum())(x);
        expect([g.dtype, g.item()]).toEqual([x.dtype, 5]);
        const each = vmap(grad((y: Tensor) => free(dtype)(y)))(x);
        expect([each.dtype, each.item()]).toEqual([x.dtype, 5]);
        const all = grad((y: Tensor) => vmap(free(dtype))(y).sum())(x);
        expect([all.dtype, all.item()]).toEqual([x.dtype, 5]);
      }
    }
  });

  it("may not give cotangents that are no floats, or lie elsewhere", () => {
    for (const dtype of ["int32", "bool"] as const) {
      const own = free(dtype);
      expect(() => grad((x: Tensor) => own(x).sum())(f32([3]))).toThrow(
        `customVjp: a cotangent of ${dtype}`,
      );
      expect(() => grad((x: Tensor) => vmap(own)(x).sum())(f32([3]))).toThrow(GradientError);
    }
    const away = customVjp(
      function away(x: Tensor) {
        return x.mul(1);
      },
      () => [tensor([1], { device: "cpu" })],
    );
    const run = () => grad((x: Tensor) => away(x).sum())(f32([3]));
    expect(run).toThrow(DeviceError);
    expect(run).toThrow("away: a cotangent on cpu for a value on reference");
  });
});

describe("cotangents and tangents from outside", () => {
  const cube = (x: Tensor) => x.pow(3);
  const both = ({ a, b }: { a: Tensor; b: Tensor }) => a.mul(b).tanh();

  it("are taken in the dtype of their tensor, by every transform", () => {
    // d x³ = 3 x² dx, d² x³ = 6 x dx²
    const pairs = [
      [f32([2]), f64([1])],
      [f64([2]), f32([1])],
    ] as const;
    for (const [x, u] of pairs) {
      const leaf = requiresGrad(x.add(0));
      backward(cube(leaf), { cotangent: u });
      const found = [
        vjp(cube, x).pull(u),
        linearize(cube, x).push(u),
        jvp(cube, x, u)[1],
        leaf.grad as Tensor,
        vmap((v: Tensor) => vjp(cube, x.reshape([])).pull(v))(u),
        vmap((v: Tensor) => jvp(cube, x.reshape([]), v)[1])(u),
        grad((v: Tensor) => vjp(cube, x).pull(v).sum())(u).cast(x.dtype),
      ];
      expect(found.map((g) => [g.dtype, g.item()])).toEqual(found.map(() => [x.dtype, 12]));
      expect(grad((v: Tensor) => linearize(cube, x).push(v).sum())(u).dtype).toBe(u.dtype);
      const second = hvp((y: Tensor) => cube(y).sum(), x, u);
      expect([second.dtype, second.item()]).toEqual([x.dtype, 12]);
    }
    const params = { a: f32([0.5]), b: f64([0.25]) };
    const [value, tangent] = jvp(both, params, { a: f64([1]), b: f32([2]) });
    expect([value.dtype, tangent.dtype]).toEqual(["float64", "float64"]);
    // (1 − tanh²(a b)) (b da + a db)
    expect(tangent.item()).toBeCloseTo((1 - Math.tanh(0.125) ** 2) * 1.25, 12);
    expect(jacobian(both)(params).a.dtype).toBe("float32");
    expect(jacobian(both, { mode: "forward" })(params).b.dtype).toBe("float64");
  });

  const x = f32([2]);
  const leaf = () => requiresGrad(x.add(0));
  const bad: [string, (u: Tensor) => unknown][] = [
    ["vjp", (u) => vjp(cube, x).pull(u)],
    ["jvp", (u) => linearize(cube, x).push(u)],
    ["jvp", (u) => jvp(cube, x, u)],
    ["hvp", (u) => hvp((y: Tensor) => cube(y).sum(), x, u)],
    ["backward", (u) => cube(leaf()).backward(u)],
    ["backward", (u) => backward(cube(leaf()), { cotangent: u })],
  ];
  it.each(bad)("%s refuses what is no float, on another device or of another shape", (op, call) => {
    const kind = op === "jvp" || op === "hvp" ? "tangent" : "cotangent";
    expect(() => call(i32([1]))).toThrow(`${op}: a ${kind} of int32`);
    expect(() => call(x.greater(0))).toThrow(`${op}: a ${kind} of bool`);
    expect(() => call(i32([1]))).toThrow(GradientError);
    const away = tensor([1], { device: "cpu" });
    expect(() => call(away)).toThrow(`${op}: a ${kind} on cpu for a value on reference`);
    expect(() => call(away)).toThrow(DeviceError);
    expect(() => call(f32([1, 2]))).toThrow(/: .*shape \[2\].*shape \[1\]/);
    expect(() => call(f32([[1]]))).toThrow(GradientError);
  });
});
