/** @file Derivatives of reductions: spread the cotangent back over the axes that were reduced. */
import {
  broadcastTo,
  cumulativeSum,
  div,
  flip,
  greater,
  less,
  mean,
  mul,
  onesLike,
  pad,
  permuteDims,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
} from "@isograd/tensor";
import { type commonFamilies, reducedShape, type Spec } from "@isograd/tensor/engine";
import { fromBoth, fromInputs, linear, type Rule, type RulesFor } from "./rule.js";

type Axes = { readonly axes: readonly number[]; readonly keepdims: boolean };

/** The cotangent with the reduced axes as length 1; a 0-d one broadcasts as it is. */
function kept(g: Tensor, x: Spec, { axes, keepdims }: Axes): Tensor {
  return keepdims || g.shape.length === 0 ? g : reshape(g, reducedShape(x.shape, axes, true));
}

function count(x: Spec, axes: readonly number[]): number {
  return axes.reduce((n, a) => n * (x.shape[a] as number), 1);
}

// d max(x) = dxᵢ at the maximum; ties get equal shares, and so do all elements if it is NaN
const extremum = (short: typeof less): Rule<readonly [Tensor], Axes> =>
  fromBoth(({ inputs: [x], out, attrs }) => [
    (g) => {
      const { axes } = attrs;
      const top = sub(1, short(x, kept(out, x, attrs)).cast(x.dtype));
      return mul(div(top, sum(top, { axis: axes, keepdims: true })), kept(g, x, attrs));
    },
  ]);

/** For each element, the product of the others along `axes`: no division, so zeros are exact. */
function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const rest = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...rest, ...axes];
  const front = permuteDims(x, order);
  const rows = reshape(front, [...rest.map((i) => x.shape[i] as number), count(x, axes)]);
  return permuteDims(
    reshape(othersInRow(rows), front.shape),
    order.map((_, i) => order.indexOf(i)),
  );
}

// Pairs (a, b) have products p = ab: the others of a are b and the others of p. Each call halves
// the length.
function othersInRow(rows: Tensor): Tensor {
  const lead = rows.shape.slice(0, -1);
  const n = rows.shape[lead.length] as number;
  if (n <= 1) return onesLike(rows);
  const none = lead.map(() => [0, 0] as const);
  const even = n % 2 === 0 ? rows : pad(rows, [...none, [0, 1]], { value: 1 });
  const pairs = reshape(even, [...lead, Math.ceil(n / 2), 2]);
  const all = lead.map(() => null);
  const products = mul(slice(pairs, [...all, null, 0]), slice(pairs, [...all, null, 1]));
  const rest = reshape(othersInRow(products), [...lead, Math.ceil(n / 2), 1]);
  const others = reshape(mul(flip(pairs, { axis: -1 }), rest), even.shape);
  return n % 2 === 0 ? others : slice(others, [...all, [0, n]]);
}

export const reduceRules: RulesFor<typeof commonFamilies.reduce> = {
  sum: linear(({ inputs: [x], attrs }) => [(g) => broadcastTo(kept(g, x, attrs), x.shape)]),
  mean: linear(({ inputs: [x], attrs }) => [
    (g) => broadcastTo(mul(kept(g, x, attrs), 1 / count(x, attrs.axes)), x.shape),
  ]),
  max: extremum(less),
  min: extremum(greater),
  // d Πxᵢ = Σ dxᵢ Π_{j≠i} xⱼ, exact at zeros
  prod: fromInputs(({ inputs: [x], attrs }) => [
    (g) => mul(productOfOthers(x, attrs.axes), kept(g, x, attrs)),
  ]),
  all: null,
  any: null,
  // d Σ(x − x̄)²/(n − c) = 2(x − x̄)/(n − c) dx
  variance: fromInputs(({ inputs: [x], attrs }) => [
    (g) => {
      const centred = sub(x, mean(x, { axis: attrs.axes, keepdims: true }));
      return mul(centred, mul(kept(g, x, attrs), 2 / (count(x, attrs.axes) - attrs.correction)));
    },
  ]),
  argmax: null,
  argmin: null,
  // the transpose of a running sum is a running sum from the other end
  cumulativeSum: linear(({ attrs: { axis } }) => [
    (g) => flip(cumulativeSum(flip(g, { axis }), { axis }), { axis }),
  ]),
};
