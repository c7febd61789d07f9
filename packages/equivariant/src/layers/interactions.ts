/** @file The interactions by name. */
import type { LayerOptions } from "@isograd/nn";
import { expectOneOf } from "../expect.js";
import { SeparableConvolution } from "./convolution.js";
import { EdgeAttention } from "./edgeAttention.js";
import { FullConvolution } from "./fullConvolution.js";
import type { InteractionLayer } from "./interaction.js";
import { MessagePassing } from "./messagePassing.js";

/**
 * How nodes exchange messages.
 *
 * - `"separable"`: {@link SeparableConvolution}, first over positions, then over orientations;
 * - `"mixing"`: the same, but the step over orientations mixes channels;
 * - `"full"`: {@link FullConvolution}, with kernels of both orientations, at O times the cost;
 * - `"messages"`: {@link MessagePassing}, any function of both features;
 * - `"attention"`: {@link EdgeAttention}.
 */
export type InteractionName = "separable" | "mixing" | "full" | "messages" | "attention";

export const interactionNames: readonly InteractionName[] = [
  "separable",
  "mixing",
  "full",
  "messages",
  "attention",
];

export interface InteractionOptions extends LayerOptions {
  readonly fibre: boolean;
  readonly heads: number;
}

/** @throws UsageError for an unknown name. */
export function interactionOf(
  name: InteractionName,
  channels: number,
  basis: number,
  options: InteractionOptions,
): InteractionLayer {
  expectOneOf("interaction", "no interaction is called", name, interactionNames);
  const { heads, ...plain } = options;
  if (name === "separable") return new SeparableConvolution(channels, basis, plain);
  if (name === "mixing") {
    return new SeparableConvolution(channels, basis, { ...plain, mixing: true });
  }
  if (name === "messages") return new MessagePassing(channels, basis, plain);
  if (name === "attention") return new EdgeAttention(channels, basis, options);
  const { fibre: _, ...make } = plain;
  return new FullConvolution(channels, basis, make);
}
