/** @file The one axis that many functions have among their options. @internal */
import { given } from "../../base/options.js";
import { normalizeAxis, type Shape } from "../../base/shape.js";

/** Options of functions that work along one axis. */
export interface AxisOption {
  readonly axis?: number | undefined;
}

/** The axis that was given, else `usual`, as its place from the front of a shape or a rank. */
export function axisOf(
  op: string,
  options: AxisOption | undefined,
  usual: number,
  of: Shape | number,
): number {
  const { axis = usual } = given(op, options, "axis");
  return normalizeAxis(op, axis, of);
}
