/** @file A program that is too large runs op by op, with one warning. */
import { compile } from "@isograd/compile";
import { memory, scope, type Tensor, tensor } from "@isograd/tensor";
import { expect, it, vi } from "vitest";

it("a program beyond 4 MiB runs op by op, with one warning", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const many = (x: Tensor): Tensor =>
    scope(() => {
      let y = x;
      for (let i = 0; i < 230_000; i++) y = i % 2 === 0 ? y.add(x) : y.sub(x);
      return y;
    });
  const [fast, other] = [compile(many), compile((x: Tensor) => many(x).mul(2))];
  const x = tensor([1, 2]);
  const { bytes, tensors } = memory();
  for (let i = 0; i < 3; i++) {
    expect(scope(() => fast(x).dataSync())).toEqual(Float32Array.of(1, 2));
  }
  expect(scope(() => other(x).dataSync())).toEqual(Float32Array.of(2, 4));
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    "isograd: a program is too large to compile: it runs op by op",
  ]);
  expect(memory()).toMatchObject({ bytes, tensors });
  expect(fast.stats()).toEqual([]);
  warn.mockRestore();
}, 120_000);
