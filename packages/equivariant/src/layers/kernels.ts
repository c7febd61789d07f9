/** @file From edges and orientations to the kernels of a forward pass. */
import { mul } from "@isograd/tensor";
import type { WindowName } from "../features/window.js";
import type { Fibre } from "../fibres/fibre.js";
import type { Links } from "../graphs/wiring.js";
import type { KernelBasis } from "./basis.js";
import { edgeRows } from "./edgeRows.js";
import type { Kernels } from "./interaction.js";
import type { InteractionName } from "./interactions.js";

/** Options of the kernels. */
export interface KernelOptions {
  readonly spatial: KernelBasis;
  readonly fibre: KernelBasis | null;
  readonly interaction: InteractionName;
  readonly cutoff: number | null;
  readonly window: WindowName;
  readonly kernels: "stored" | "fused";
}

/** The windowed basis of all edges, and the basis of all pairs of orientations. */
export function kernelsOf(links: Links, fibre: Fibre, options: KernelOptions): Kernels {
  const { spatial, interaction, cutoff, window } = options;
  const fused = options.kernels === "fused";
  const separable = interaction === "separable" || interaction === "mixing";
  const pairs = interaction === "full";
  const rows = edgeRows(links, fibre, { cutoff, window, pairs, sharing: separable && !fused });
  const basis = spatial.forward(rows.columns, rows.distance);
  return {
    wiring: links,
    spatial: rows.weight === null ? basis : mul(basis, rows.weight),
    weight: rows.weight,
    rows: rows.rows,
    fibre: options.fibre?.forward(fibre.pairs()) ?? null,
    orientations: fibre.orientations,
    fused,
  };
}
