import * as autograd from "@isograd/autograd";
import { tensor, UsageError } from "@isograd/tensor";
import { describe, expect, it } from "vitest";

const x = tensor([1, 2]);
const functions: Readonly<Record<string, unknown>> = { ...autograd };
/** Calls as they come from plain JavaScript, or from habits of other libraries. */
const call =
  (name: keyof typeof autograd, ...args: readonly unknown[]) =>
  (): unknown =>
    Reflect.apply(functions[name] as () => unknown, undefined, args);
const f = (y: autograd.GradOf<typeof x>) => y.square().sum();
const later = async (y: unknown) => y;

/** A call, its problem, and its help. */
type Row = readonly [call: () => unknown, problem: string, help: string];

function check([run, problem, help]: Row): void {
  expect(run).toThrow(UsageError);
  expect(run).toThrow(`${problem}\n  help: ${help}`);
}

describe("options of transforms and checks", () => {
  const rows: readonly Row[] = [
    [
      call("grad", f, { create_graph: true }),
      'grad: has no option "create_graph"',
      "did you mean createGraph? options: createGraph",
    ],
    [call("grad", f, { hasAux: true }), 'grad: has no option "hasAux"', "options: createGraph"],
    [
      call("valueAndGrad", f, { has_aux: true }),
      'valueAndGrad: has no option "has_aux"',
      "did you mean hasAux? options: hasAux, createGraph",
    ],
    [
      call("valueAndGrad", f, { argnums: 0 }),
      'valueAndGrad: has no option "argnums"',
      "options: hasAux, createGraph",
    ],
    [
      call("valueAndGrad", f, true),
      "valueAndGrad: needs an object of options, got true",
      "write { hasAux: true }; options: hasAux, createGraph",
    ],
    [
      call("jacobian", f, { mode: "fwd" }),
      'jacobian: there is no mode "fwd"',
      "reverse or forward",
    ],
    [
      call("jacobian", f, "forward"),
      'jacobian: needs an object of options, got "forward"',
      'write { mode: "forward" }; options: mode',
    ],
    [
      call("jacobian", f, { vectorize: true }),
      'jacobian: has no option "vectorize"',
      "options: mode",
    ],
    [
      call("vmap", f, { in_dims: 1 }),
      'vmap: has no option "in_dims"',
      "did you mean inAxes? options: inAxes, outAxes",
    ],
    [
      call("vmap", f, [0, null]),
      "vmap: needs an object of options, got [0, null]",
      "write { inAxes: [0, null] }; options: inAxes, outAxes",
    ],
    [
      call("vmap", f, { inAxes: "0" }),
      'vmap: inAxes are "0"',
      "give an axis, or a list with an axis or null for each argument",
    ],
    [call("vmap", f, { outAxes: 0.5 }), "vmap: outAxes is 0.5", "give one axis for all results"],
    [
      call("gradcheck", f, [x], { atol: 1e-3 }),
      'gradcheck: has no option "atol"',
      "did you mean absolute? options: name, step, absolute, relative",
    ],
    [
      call("gradgradcheck", f, [x], { step: 0 }),
      "gradgradcheck: step is 0",
      "give a positive number, or leave it out",
    ],
    [
      call("backward", x, { retain_graph: true }),
      'backward: has no option "retain_graph"',
      "did you mean retainGraph? options: cotangent, retainGraph",
    ],
    [
      call("toDot", x, { cost: true }),
      'toDot: has no option "cost"',
      "did you mean costs? options: costs",
    ],
    [
      call("toMermaid", x, true),
      "toMermaid: needs an object of options, got true",
      "write { costs: true }; options: costs",
    ],
    [
      call("defineOp", { name: "f", forward: f, backward: null }),
      'defineOp: has no option "backward"',
      "options: name, infer, forward, scalar, gpu, reference, gpuKernel, vjp, samples",
    ],
    [
      call("checkpoint", f, { useReentrant: false }),
      "checkpoint: has no options, got an object",
      "leave it out",
    ],
  ];
  it.each(rows.map((row) => [row[1], row] as const))("%s", (_, row) => check(row));

  it.each(["grad", "valueAndGrad", "jacobian", "hessian", "vmap", "checkpoint"] as const)(
    "%s(f, x) shows %s(f)(x)",
    (name) => {
      const problem = `${name}: the tensor is given with the function`;
      check([call(name, f, x), problem, `write ${name}(f)(x)`]);
      const missing = `${name}: needs a function, got an object of class`;
      expect(call(name, x)).toThrow(missing);
    },
  );

  it("takes one axis for each argument of vmap", () => {
    const dot = autograd.vmap((a: typeof x, b: typeof x) => a.mul(b), { inAxes: [0, null] });
    const three = Reflect.apply.bind(null, dot as () => unknown, undefined, [x, x, x]);
    check([
      three,
      "vmap: inAxes [0, null] are for 2 arguments, the call has 3",
      "give one for each argument: null where all samples share it",
    ]);
    expect(dot(x, tensor(2)).toArray()).toEqual([2, 4]);
  });
});

describe("async functions", () => {
  const sync = "the function returned a promise";
  const outside = "read data before or after it";
  const inner = (make: () => unknown) => () => (make() as (...args: unknown[]) => unknown)(x);
  const loss = (g: unknown) => (y: typeof x) => (g as (y: typeof x) => typeof x)(y).sum();
  const through = (g: unknown) => () => autograd.grad(loss(g))(x);
  const rows: readonly Row[] = [
    [inner(call("grad", later)), `grad: ${sync}`, outside],
    [inner(call("valueAndGrad", later)), `grad: ${sync}`, outside],
    [inner(call("valueAndGrad", later, { hasAux: true })), `grad: ${sync}`, outside],
    [inner(call("jacobian", later)), `vjp: ${sync}`, outside],
    [inner(call("jacobian", later, { mode: "forward" })), `linearize: ${sync}`, outside],
    [inner(call("hessian", later)), `grad: ${sync}`, outside],
    [call("hvp", later, x, x), `grad: ${sync}`, outside],
    [call("vjp", later, x), `vjp: ${sync}`, outside],
    [call("jvp", later, x, x), `linearize: ${sync}`, outside],
    [inner(call("vmap", later)), `vmap: ${sync}`, "read data after it"],
    [inner(call("checkpoint", later)), `checkpoint: ${sync}`, "read data after it"],
    [
      call("noGrad", later),
      `noGrad: ${sync}`,
      "recording is on again when its function returns: await outside",
    ],
    [
      call("detectAnomaly", later),
      `detectAnomaly: ${sync}`,
      "it watches until its function returns: await outside",
    ],
    [
      call("summary", { x }, later),
      `summary: ${sync}`,
      "ops are counted until its function returns: await outside",
    ],
    [call("traceDot", later, x), `traceDot: ${sync}`, outside],
    [call("gradcheck", later, [x]), `gradcheck: ${sync}`, outside],
    [call("gradgradcheck", later, [x]), `gradgradcheck: ${sync}`, outside],
    [inner(call("customVjp", later, f)), `later: ${sync}`, outside],
    [
      through(call("customVjp", f, later)()),
      `f: ${sync}`,
      "a derivative is made of ops, which are synchronous",
    ],
    [
      through(call("customJvp", f, later)()),
      `f: ${sync}`,
      "a derivative is made of ops, which are synchronous",
    ],
    [inner(call("defineOp", { name: "g", forward: later, vjp: null })), `g: ${sync}`, outside],
    [
      through(
        call("defineOp", { name: "g", forward: ([y]: [typeof x]) => y.mul(2), vjp: later })(),
      ),
      `g: ${sync}`,
      "a derivative is made of ops, which are synchronous",
    ],
  ];
  it.each(rows.map((row, i) => [i, row[1], row] as const))("%d: %s", (_, __, row) => check(row));

  it("have their errors handled: nothing is left unhandled", async () => {
    const seen: unknown[] = [];
    const note = (error: unknown) => seen.push(error);
    process.on("unhandledRejection", note);
    const failing = async () => {
      await null;
      throw new Error("late");
    };
    expect(() => autograd.noGrad(failing)).toThrow(UsageError);
    expect(inner(call("grad", failing))).toThrow(UsageError);
    expect(inner(call("customVjp", failing, f))).toThrow(UsageError);
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", note);
    expect(seen).toEqual([]);
  });
});
