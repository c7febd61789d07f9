/** @file Reductions that leave NaN out in compiled functions: the same bits, other holes each call. */
import { grad } from "@isograd/autograd";
import {
  greater,
  nanMax,
  nanMean,
  nanMin,
  nanStd,
  nanSum,
  nanVariance,
  rng,
  type Tensor,
  where,
} from "@isograd/tensor";
import { expect, it } from "vitest";
import { compile } from "../src/index.js";
import { expectSame, read } from "./same.js";

const functions = { nanSum, nanMean, nanMax, nanMin, nanVariance, nanStd };

it.each(Object.entries(functions))("%s and its gradient", (_, over) => {
  const f = (x: Tensor) => over(x, { axis: 1 });
  const slope = (x: Tensor) => grad((y: Tensor) => f(y).sum())(x);
  for (const g of [f, slope]) {
    const compiled = compile(g);
    for (let seed = 0; seed < 3; seed++) {
      const draw = rng(seed);
      const x = where(greater(draw.normal([4, 5]), 0.5), Number.NaN, draw.normal([4, 5]));
      expect(compiled(x).shape).toEqual(g(x).shape);
      expectSame(read(compiled(x)), read(g(x)));
    }
  }
});
