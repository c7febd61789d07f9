/** @file Elementwise ops of the registry by their formulas, at ordinary and at special numbers. */
import { polygamma, type Tensor } from "@isograd/tensor";
import { allOps, apply, type Op } from "@isograd/tensor/engine";
import { formulas } from "../../src/devices/gpu/kernels/formulas.js";
import { sincSlope } from "../../src/ops/special/sinc.js";
import { type Case, given, numbers } from "./case.js";

const SPECIAL = [0, 1, -1, 0.5, -0.5, 1e-6, -1e-6, 30, -30, Infinity, -Infinity, NaN, 2.5, -2.5];
/** Functions whose values at some special numbers differ between drivers. */
const UNPORTABLE: Readonly<Record<string, (x: number) => boolean>> = {
  sin: (x) => !Number.isFinite(x),
  cos: (x) => !Number.isFinite(x),
  tan: (x) => !Number.isFinite(x),
  cosh: (x) => Math.abs(x) === 30,
  sinh: (x) => Math.abs(x) === 30,
};

function unaryCases(op: Op): Case[] {
  const { from, to } = op.samples ?? { from: -2, to: 2 };
  const atol = 2e-6;
  const run = (x: Tensor) => apply(op, [x], undefined);
  const special = SPECIAL.filter((x) => !UNPORTABLE[op.name]?.(x));
  return [
    { name: op.name, ops: [op.name], inputs: () => [numbers([5, 7], from, to)], run, atol },
    {
      name: `${op.name} at special numbers`,
      ops: [],
      inputs: () => [given(special)],
      run,
      atol,
      rtol: 1e-4,
    },
  ];
}

function binaryCases(op: Op): Case[] {
  const { from, to } = op.samples ?? { from: -2, to: 2 };
  const atol = 1e-5;
  const run = (x: Tensor, y: Tensor) => apply(op, [x, y], undefined);
  const shapes: [number[], number[]][] = [
    [
      [3, 5],
      [3, 5],
    ],
    [
      [2, 1, 3],
      [4, 1],
    ],
  ];
  if (op.name.endsWith("Grad")) {
    return [
      {
        name: op.name,
        ops: [op.name],
        inputs: () => [numbers([3, 5], -3, 3), numbers([3, 5], -2, 2, 1)],
        run,
        atol,
      },
    ];
  }
  // strides do not depend on the formula, so one op tests all of them
  if (op.name === "sub")
    shapes.push(
      [[3, 5], [5]],
      [
        [3, 1],
        [1, 5],
      ],
      [[], [4]],
      [
        [2, 3, 4],
        [3, 1],
      ],
    );
  return shapes.map(([a, b], i) => ({
    name: `${op.name} [${a}] and [${b}]`,
    ops: [op.name],
    inputs: () => [numbers(a, from, to, i), numbers(b, from, to, i + 1)],
    run,
    atol,
  }));
}

/** Those whose formula depends on an order. */
function orderedCases(): Case[] {
  const special = SPECIAL.filter((x) => x >= -1e-5 || Math.abs(x) === Infinity || x === -2.5);
  return [1, 2, 3, 4].flatMap((n) => [
    {
      name: `polygamma of order ${n}`,
      ops: ["polygamma"],
      inputs: () => [numbers([5, 7], -3, 12), given(special)],
      run: (x, y) => [polygamma(n, x), polygamma(n, y)],
      rtol: 1e-4,
    },
    {
      name: `derivative of sinc of order ${n}`,
      ops: [],
      inputs: () => [numbers([9, 11], -6, 6), given([0, 1e-3, 1, -2, 100.25])],
      run: (x, y) => [sincSlope(x, n), sincSlope(y, n)],
      atol: 1e-5 * 4 ** n,
    },
  ]);
}

/** All ops that have a formula for the GPU. */
export function elementwiseCases(): Case[] {
  const found: Case[] = [];
  for (const op of allOps().values()) {
    // ops on bits take integers and have their own cases
    if ((op.kernels?.gpu ?? formulas[op.name]) === undefined || op.scalar === undefined) continue;
    if (op.name.startsWith("bitwise")) continue;
    found.push(...(op.scalar.length >= 2 ? binaryCases(op) : unaryCases(op)));
  }
  return [...found, ...orderedCases()];
}
