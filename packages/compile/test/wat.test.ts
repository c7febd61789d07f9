/** @file The text of modules: each instruction, all kinds of steps, and modules that are valid. */

import { grad } from "@isograd/autograd";
import { compile } from "@isograd/compile";
import { Linear, sgd } from "@isograd/nn";
import { init, inv, ones, reshape, rng, scope, type Tensor, tensor } from "@isograd/tensor";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capture } from "../src/capture.js";
import { Code, F32, F64, I32, type Import, moduleOf } from "../src/encode.js";
import { made } from "../src/entry.js";
import { disassemble } from "../src/wat.js";
import { constantsOf, plans, runPlan } from "./programs.js";
import { alone } from "./setting.js";

const kernel: Import = {
  module: "core",
  name: "kernel",
  signature: { params: [I32, F32, F64], results: [I32] },
};

type Body = (c: Code) => unknown;

function bytesOf(write: Body): Uint8Array {
  const code = new Code();
  write(code);
  return code.bytes;
}

/** The statements of a function with this body, which begins with variables 0 and 1. */
function statements(body: Body, names: readonly string[] = []): string[] {
  const whole = bytesOf((c) => {
    body(c);
    c.i32(0);
  });
  const module = moduleOf([kernel], whole, [[2, I32]], false);
  expect(WebAssembly.validate(module)).toBe(true);
  const lines = disassemble(module, { locals: names, calls: [] }).split("\n");
  return lines.slice(lines.findIndex((line) => line.startsWith("  (func")) + 3, -3);
}

/** How each instruction is written, after what it needs. */
const WRITTEN: Readonly<Record<Exclude<keyof Code, "bytes">, readonly [body: Body, text: string]>> =
  {
    i32: [(c) => c.i32(-70_000).drop(), "(drop (i32.const -70000))"],
    f32: [(c) => c.f32(0.1).drop(), "(drop (f32.const 0.1))"],
    f64: [(c) => c.f64(0.1).drop(), "(drop (f64.const 0.1))"],
    get: [(c) => c.get(1).drop(), "(drop (local.get $b))"],
    set: [(c) => c.i32(1).set(0), "(local.set $a (i32.const 1))"],
    tee: [(c) => c.i32(1).tee(0).drop(), "(drop (local.tee $a (i32.const 1)))"],
    call: [
      (c) => c.i32(300).f32(2).f64(3).call(0).drop(),
      "(drop (call $core.kernel (i32.const 300) (f32.const 2) (f64.const 3)))",
    ],
    loadI32: [(c) => c.i32(8).loadI32(200).drop(), "(drop (i32.load offset=200 (i32.const 8)))"],
    loadF64: [(c) => c.i32(8).loadF64(0).drop(), "(drop (f64.load (i32.const 8)))"],
    toF32: [(c) => c.f64(1).toF32().drop(), "(drop (f32.demote_f64 (f64.const 1)))"],
    add: [(c) => c.i32(1).i32(2).add().drop(), "(drop (i32.add (i32.const 1) (i32.const 2)))"],
    mul: [(c) => c.i32(1).i32(2).mul().drop(), "(drop (i32.mul (i32.const 1) (i32.const 2)))"],
    lessUnsigned: [
      (c) => c.i32(1).i32(2).lessUnsigned().drop(),
      "(drop (i32.lt_u (i32.const 1) (i32.const 2)))",
    ],
    equal: [(c) => c.i32(1).i32(2).equal().drop(), "(drop (i32.eq (i32.const 1) (i32.const 2)))"],
    notEqual: [
      (c) => c.i32(1).i32(2).notEqual().drop(),
      "(drop (i32.ne (i32.const 1) (i32.const 2)))",
    ],
    select: [
      (c) => c.i32(1).i32(2).get(0).select().drop(),
      "(drop (select (i32.const 1) (i32.const 2) (local.get $a)))",
    ],
    drop: [(c) => c.i32(1).drop(), "(drop (i32.const 1))"],
    when: [
      (c) => c.get(0).when(() => void c.i32(1).set(1)),
      "(if (local.get $a) (then|(local.set $b (i32.const 1))|))",
    ],
    loop: [(c) => c.loop(() => void c.i32(1).set(1)), "(loop|(local.set $b (i32.const 1))|)"],
    again: [(c) => c.loop(() => void c.get(0).again()), "(loop|(br_if 0 (local.get $a))|)"],
    return: [
      (c) => c.get(0).when(() => void c.i32(1).return()),
      "(if (local.get $a) (then|(return (i32.const 1))|))",
    ],
  };

describe("instructions", () => {
  it.each(Object.entries(WRITTEN))("%s", (name, [bytes, text]) => {
    expect(Object.getOwnPropertyNames(Code.prototype)).toContain(name);
    expect(statements(bytes, ["a", "b"]).map((line) => line.trim())).toEqual(text.split("|"));
  });

  it("numbers come back as they were", () => {
    const integers = [0, 1, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31), 1_000_000];
    for (const x of integers) {
      expect(statements((c) => c.i32(x).drop())).toEqual([`    (drop (i32.const ${x}))`]);
    }
    const singles = fc.float({ noNaN: true }).map((x) => ["f32", x, Math.fround(x)] as const);
    const doubles = fc.double({ noNaN: true }).map((x) => ["f64", x, x] as const);
    const property = fc.property(fc.oneof(singles, doubles), ([type, given, x]) => {
      const text =
        /const (.*)\)\)$/.exec(statements((c) => c[type](given).drop())[0] ?? "")?.[1] ?? "";
      const read = text.endsWith("inf") ? Number(text.replace("inf", "Infinity")) : Number(text);
      expect(type === "f32" ? Math.fround(read) : read).toBe(x);
    });
    fc.assert(property, { numRuns: 300 });
    const drop = ([line = ""]: string[]) => line.trim();
    expect(drop(statements((c) => c.f64(NaN).drop()))).toMatch(/nan:0x8000000000000/);
    expect(drop(statements((c) => c.f32(NaN).drop()))).toMatch(/nan:0x400000/);
  });

  it("what is left on the stack stands alone; other instructions are refused", () => {
    const pending: Body = (c) => c.i32(1).i32(2).set(0).drop();
    expect(statements(pending).map((line) => line.trim())).toEqual([
      "(i32.const 1)",
      "(local.set 0 (i32.const 2))",
      "(drop)",
    ]);
    const module = moduleOf([], [0x01, ...bytesOf((c) => c.i32(0))], [], true);
    expect(() => disassemble(module)).toThrow("no instruction of encode.ts: 1");
  });
});

it("a module, whole: types, imports, memory, variables", () => {
  const move: Import = { ...kernel, name: "move", signature: { params: [I32], results: [] } };
  const body = bytesOf((c) => c.get(0).call(1).i32(0));
  const module = moduleOf(
    [kernel, move],
    body,
    [
      [2, I32],
      [1, F64],
    ],
    true,
  );
  expect(WebAssembly.validate(module)).toBe(true);
  expect(disassemble(module, { locals: ["argument0"], calls: ["it moves"] })).toBe(`(module
  (type (func (result i32)))
  (type (func (param i32 f32 f64) (result i32)))
  (type (func (param i32)))
  (import "core" "kernel" (func $core.kernel (type 1)))
  (import "core" "move" (func $core.move (type 2)))
  (import "env" "memory" (memory 0 65536 shared))
  (export "run" (func $run))
  (func $run (type 0)
    (local $argument0 i32)
    (local i32)
    (local f64)
    (call $core.move (local.get $argument0)) ;; it moves
    (i32.const 0)
  )
)`);
  expect(
    disassemble(
      moduleOf(
        [],
        bytesOf((c) => c.i32(0)),
        [],
        false,
      ),
    ),
  ).toContain("(memory 0 65536))");
});

describe("modules of programs", () => {
  beforeAll(() => init({ threads: 1 }));
  afterAll(() => init({}));

  /** The text of the only program of a function, after two calls. */
  function textOf(f: (...xs: Tensor[]) => unknown, inputs: Tensor[], state?: unknown): string {
    const fast = compile(f, state === undefined ? {} : { state });
    for (let i = 0; i < 2; i++) scope(() => void fast(...inputs));
    expect(fast.stats()).toHaveLength(1);
    const text = fast.toString({ wat: true });
    fast.dispose();
    return text;
  }

  it("groups are loops over strips", () => {
    const text = textOf((x) => x.mul(2).tanh().add(1), [ones([10_000])]);
    const own =
      /\(loop\n\s+\(local.set \$last .*\n(\s+\(call .*\n)*\s+\(br_if 0 .*\$strip.*\n\s+\)/;
    const calls = own.exec(text)?.[0].matchAll(/call (\$\w+\.\w+) .* ;; (.*)/g) ?? [];
    expect([...calls].map(([, kernel, note]) => [kernel, note])).toEqual([
      ["$core.mul", "%2 = mul(argument0, 2)"],
      ["$math.tanh", "%3 = tanh(%2)"],
      ["$core.add", "%5 = add(%3, 1)"],
    ]);
    expect(text).toContain("(local.set $argument0 (i32.load");
    expect(text).toContain("(local.get $result0)");
  });

  it("the last strip may be shorter", () => {
    const text = textOf((x) => x.mul(2).sum({ axis: 1 }), [ones([99, 100])]);
    expect(text).toMatch(/\(select \(i32.const \d+\) \(i32.const \d+\) \(local.get \$last\)\)/);
  });

  it("indices are checked", () => {
    const indices = tensor([0, 1], { dtype: "int32" });
    const text = textOf((x, i) => x.take(i as Tensor), [ones([3, 2]), indices]);
    expect(text).toMatch(
      /\(if \(i32.ne \(call \$core.checkIndices .*\) \(i32.const -1\)\) \(then ;; %2 = take/,
    );
    expect(text).toContain("(return (i32.const 1))");
  });

  it("what the host computes is called", () => {
    const text = textOf(
      (x) => inv(x.matmul(x)).sum(),
      [
        tensor([
          [2, 1],
          [1, 3],
        ]),
      ],
    );
    expect(text).toContain('(import "host" "compute" (func $host.compute (type');
    expect(text).toMatch(/\(call \$host.compute \(i32.const \d+\)\) ;; %\d+ = .*inv\(/);
  });

  it("numbers that change are loads; results and state are written", () => {
    const layer = new Linear(2, 2, { rng: rng(0) });
    const optimizer = sgd(layer, { lr: 0.1 });
    const step = (x: Tensor) => {
      optimizer.step(grad((m: Linear) => m.forward(x).sum())(layer));
      return x;
    };
    const text = textOf(step, [ones([3, 2])], [layer, optimizer]);
    expect(text).toMatch(/\(f64.load (offset=\d+ )?\(i32.const/);
    expect(text).toContain("(local.get $written0)");
    expect(text).toContain("(call $core.move (local.get $result0) (local.get $argument0)");
  });

  it("random programs give valid modules, and their text", () => {
    const property = fc.property(plans, fc.boolean(), (plan, asWritten) => {
      const { rows, columns } = plan;
      const constants = constantsOf(plan);
      const x = reshape(ones([rows * columns]), [rows, columns]);
      const run = (a: unknown, b: unknown) => runPlan(plan, a as Tensor, b as Tensor, constants);
      capture(run, alone([x, x]), (captured) => {
        const standing = { recorded: false, nested: false, tracked: [] };
        const how = { f: run, signature: [], standing, state: [], asWritten };
        const { machine, work } = (made(captured, how, 2, 0) ?? expect.fail("refused")).loaded;
        const module = machine.module();
        expect(module).toHaveLength(machine.size);
        expect(WebAssembly.validate(module as Uint8Array<ArrayBuffer>)).toBe(true);
        const calls = work.flatMap((own) => {
          if (own.kind === "group") return own.parts.map(({ call }) => call.name);
          if (own.kind === "call") return [own.name];
          return [own.kind === "host" ? "compute" : "checkIndices"];
        });
        const text = disassemble(module, { locals: [], calls });
        const loops = text.match(/\(loop$/gm) ?? [];
        expect(loops).toHaveLength(work.filter(({ kind }) => kind === "group").length);
        const noted = text.split("\n").filter((line) => line.includes(" ;; "));
        const named = noted.map((line) => /call \$[\w.]*\b(\w+) .* ;; (\w+)$/.exec(line)?.slice(1));
        expect(named).toEqual(calls.map((name) => [name, name]));
        machine.free();
        return null;
      });
    });
    fc.assert(property, { numRuns: 100 });
  });
});
