/**
 * @file Layer numbers in parameter names: `blocks.3.query.weight` is in layer 3, in the block
 * `blocks.3`.
 */
import { UsageError } from "@isograd/tensor";
import { shown } from "@isograd/tensor/engine";

/** Chooses layers by number; see `layersToTransform` of {@link AdapterOptions}. */
export interface LayerChoice {
  readonly layersToTransform?: number | readonly number[] | undefined;
  readonly layersPattern?: string | undefined;
}

const isNumber = (step: string | undefined) => step !== undefined && /^\d+$/.test(step);

/**
 * Position in the path of the number after `pattern`, or of the first number; −1 if there is none.
 */
function numberAt(steps: readonly string[], pattern?: string): number {
  if (pattern === undefined) return steps.findIndex(isNumber);
  return steps.findIndex((step, i) => isNumber(step) && steps[i - 1] === pattern);
}

/** The block of a parameter: its path up to the first number, "" outside all blocks. */
export function blockOf(name: string): string {
  const steps = name.split(".");
  return steps.slice(0, numberAt(steps) + 1).join(".");
}

/**
 * The names that are in the chosen layers.
 *
 * @throws UsageError when no layer is chosen, or a chosen layer contains none of the names.
 */
export function inLayers(names: readonly string[], choice: LayerChoice): string[] {
  const { layersToTransform, layersPattern } = choice;
  if (layersPattern !== undefined && typeof layersPattern !== "string") {
    const problem = `layersPattern must be a text, got ${shown(layersPattern)}`;
    throw new UsageError("adapter", problem, 'write "blocks"');
  }
  if (layersToTransform === undefined) {
    if (layersPattern === undefined) return [...names];
    const help = "give layersToTransform too";
    throw new UsageError("adapter", `layersPattern "${layersPattern}" alone chooses nothing`, help);
  }
  const list = Array.isArray(layersToTransform) ? layersToTransform : [layersToTransform];
  if (!list.every((layer) => Number.isInteger(layer) && layer >= 0)) {
    const problem = `layersToTransform are whole numbers from 0: got ${shown(layersToTransform)}`;
    throw new UsageError("adapter", problem, "write 3, or [0, 1]");
  }
  const numbered = names.map((name) => {
    const steps = name.split(".");
    const at = numberAt(steps, layersPattern);
    return { name, layer: at < 0 ? -1 : Number(steps[at]) };
  });
  const wanted: readonly number[] = list;
  if (wanted.length === 0) {
    throw new UsageError("adapter", "layersToTransform is empty", "leave it out for all layers");
  }
  for (const layer of wanted) {
    if (numbered.some((x) => x.layer === layer)) continue;
    const found = [...new Set(numbered.map((x) => x.layer))].filter((n) => n >= 0).join(", ");
    throw new UsageError(
      "adapter",
      `no target lies in layer ${layer}`,
      `targets lie in layers ${found === "" ? "without a number" : found}`,
    );
  }
  return numbered.filter(({ layer }) => wanted.includes(layer)).map(({ name }) => name);
}
