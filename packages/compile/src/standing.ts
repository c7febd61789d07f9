/** @file How a call stands to the tape: what is recorded, tracked and collected around it. */
import { nestingDepth, records } from "@isograd/autograd/engine";
import type { Tensor } from "@isograd/tensor";
import { currentRecorder, isFloat, isLending, lentFor, nodeOf } from "@isograd/tensor/engine";
import type { Gradient } from "./capture.js";

/** What a program depends on beside the form of its arguments. */
export interface Standing {
  /** Whether ops around the call are recorded, and whether a transform runs. */
  readonly recorded: boolean;
  readonly nested: boolean;
  /** Which arguments, then which tensors of the state, are tracked. */
  readonly tracked: readonly boolean[];
}

/** Whether functions run op by op: inside of two transforms, or where ops are only looked at. */
export function runsPlain(): boolean {
  return currentRecorder() !== null && (!records() || nestingDepth() > 1);
}

export function standingOf(leaves: readonly Tensor[], own: readonly Tensor[]): Standing {
  const recorded = currentRecorder() !== null;
  return {
    recorded,
    nested: recorded && nestingDepth() > 0,
    tracked: recorded ? [...leaves, ...own.map(lentFor)].map(isTracked) : [],
  };
}

/** Whether a call stands so. */
export function standsSo(
  { recorded, nested, tracked }: Standing,
  leaves: readonly Tensor[],
  own: readonly Tensor[],
): boolean {
  if (recorded !== (currentRecorder() !== null)) return false;
  if (!recorded) return true;
  if (nested !== nestingDepth() > 0) return false;
  const first = leaves.length;
  for (let i = 0; i < first; i++) if (isTracked(leaves[i] as Tensor) !== tracked[i]) return false;
  for (let i = 0; i < own.length; i++) {
    if (isTracked(lentFor(own[i] as Tensor)) !== tracked[first + i]) return false;
  }
  return true;
}

/** Whether the gradients that a program asks for are there, or not, as they were. */
export function hasGradients(gradients: readonly Gradient[], own: readonly Tensor[]): boolean {
  for (const { at, place } of gradients) {
    const { grad } = lentFor(own[at] as Tensor);
    if ((grad !== null) !== (place !== null)) return false;
  }
  return true;
}

/** The tensors that stand for the state, then the gradients that a program asks for. */
export function stateNow(
  own: readonly Tensor[],
  gradients: readonly Gradient[],
): readonly Tensor[] {
  if (gradients.length === 0 && !isLending()) return own;
  const now = own.map(lentFor);
  for (const { at, place } of gradients) {
    if (place !== null) now[place] = (now[at] as Tensor).grad as Tensor;
  }
  for (let i = own.length; i < now.length; i++) now[i] ??= now[0] as Tensor; // nobody reads it
  return now;
}

function isTracked(x: Tensor): boolean {
  return nodeOf(x) !== null && isFloat(x.dtype);
}
