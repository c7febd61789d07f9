/** @file Derivatives of moving elements: all linear, each the transpose of another movement. */
import { concat, flip, permuteDims, reshape, type Tensor, zeros } from "@isograd/tensor";
import { apply, type commonFamilies, commonFamilies as ops, place } from "@isograd/tensor/engine";
import { linear, linearMany, type RulesFor } from "./rule.js";

export const movementRules: RulesFor<typeof commonFamilies.movement> = {
  reshape: linear(({ inputs: [x] }) => [(g) => reshape(g, x.shape)]),
  permuteDims: linear(({ attrs: { axes } }) => [
    (g) =>
      permuteDims(
        g,
        axes.map((_, i) => axes.indexOf(i)),
      ),
  ]),
  // the walk sums over the axes that were stretched
  broadcastTo: linear(() => [(g) => g]),
  slice: linear(({ inputs: [x], attrs: { starts, steps } }) => [
    (g) => place(g, { shape: x.shape, starts, steps, value: 0 }),
  ]),
  place: linear(({ inputs: [x], attrs: { starts, steps } }) => [
    (g) => apply(ops.movement.slice.op, [g], { starts, steps, sizes: x.shape }),
  ]),
  concat: linear(({ inputs, attrs: { axis } }) => {
    let end = 0;
    return inputs.map((x) => {
      const start = end;
      end += x.shape[axis] as number;
      const starts = x.shape.map((_, i) => (i === axis ? start : 0));
      const steps = x.shape.map(() => 1);
      return (g: Tensor) => apply(ops.movement.slice.op, [g], { starts, steps, sizes: x.shape });
    });
  }),
  split: linearMany(({ out, attrs: { axis } }) => [
    (gs) => {
      const like = gs.find((g) => g) as Tensor;
      return concat(
        out.map(
          (spec, i) => gs[i] ?? zeros(spec.shape, { dtype: spec.dtype, device: like.device }),
        ),
        { axis },
      );
    },
  ]),
  flip: linear(({ attrs: { axes } }) => [(g) => flip(g, { axis: axes })]),
};
