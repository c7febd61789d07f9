/** @file Derivatives of writing at places: the cotangent goes to what stayed. */
import {
  add,
  arange,
  cast,
  div,
  equal,
  full,
  mul,
  reshape,
  type Tensor,
  takeAlongAxis,
  where,
} from "@isograd/tensor";
import { addAlongAxis, type families, setAlongAxis } from "@isograd/tensor/engine";
import { fromBoth, fromInputs, type RulesFor } from "./rule.js";

const AS = "putAlongAxis";

/** Whether each value stayed: the last of those with its index. */
function stayed(x: Tensor, indices: Tensor, axis: number): Tensor {
  const { device } = indices;
  const count = indices.shape[axis] as number;
  const thin = indices.shape.map((n, i) => (i === axis ? n : 1));
  const number = reshape(arange(count, { dtype: "int32", device }), thin).broadcastTo(
    indices.shape,
  );
  const none = full(x.shape, -1, { dtype: "int32", device });
  const last = setAlongAxis(none, indices, number, { axis, as: AS });
  return equal(takeAlongAxis(last, indices, { axis }), number);
}

export const scatterRules: RulesFor<typeof families.scatter> = {
  setAlongAxis: fromInputs(({ inputs: [x, indices], attrs: { axis } }) => [
    (g) => {
      const zero = full(indices.shape, 0, { dtype: g.dtype, device: g.device });
      return setAlongAxis(g, indices, zero, { axis, as: AS });
    },
    null,
    (g) => where(stayed(x, indices, axis), takeAlongAxis(g, indices, { axis }), 0),
  ]),
  // those that equal the maximum share its cotangent
  maxAlongAxis: fromBoth(({ inputs: [x, indices, values], out, attrs: { axis } }) => {
    const at = (y: Tensor) => takeAlongAxis(y, indices, { axis });
    const own = () => cast(equal(x, out), out.dtype);
    const other = () => cast(equal(values, at(out)), out.dtype);
    const share = (g: Tensor) => {
      const others = addAlongAxis(other(), indices, out.shape[axis] as number, { axis });
      return div(g, add(own(), others));
    };
    return [(g) => mul(share(g), own()), null, (g) => mul(at(share(g)), other())];
  }),
  cumulativeArgmax: null,
};
