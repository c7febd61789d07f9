/** @file Every op of the registry refuses bad calls: by name, with the shapes, and with help. */
import { describe, expect, it } from "vitest";
import { allOps } from "../../src/api/engine.js";
import type { IsogradError } from "../../src/api/index.js";
import { arrays } from "./arrays.js";
import { elementwise } from "./elementwise.js";
import { fourier } from "./fourier.js";
import { numbers } from "./numbers.js";
import { scatter } from "./scatter.js";
import type { BadCall, Table } from "./table.js";

const table: Table = { ...elementwise, ...arrays, ...numbers, ...fourier, ...scatter };

/** The error that a call meets. */
function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return "no error";
}

function check(op: string, { call, error, says, as = op }: BadCall): void {
  const found = errorOf(call) as IsogradError;
  expect(found, `${as} … ${says}`).toBeInstanceOf(error);
  expect(found.op).toBe(as);
  expect(found.message.startsWith(`${as}: `)).toBe(true);
  expect(found.problem).toContain(says);
  expect(found.message, `help for ${says}`).toMatch(/\n {2}help: \S/);
}

describe.each(Object.keys(table))("%s", (op) => {
  for (const bad of table[op] as readonly BadCall[]) it(bad.says, () => check(op, bad));
});

describe("coverage", () => {
  it("has two bad calls or more for every op", () => {
    const few = [...allOps().keys()].filter((name) => (table[name]?.length ?? 0) < 2);
    expect(few).toEqual([]);
  });

  it("knows no op that there is not", () => {
    expect(Object.keys(table).filter((name) => !allOps().has(name))).toEqual([]);
  });
});
