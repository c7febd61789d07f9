/** @file The texts of the playground's examples, each loaded when it is chosen. */
import { examples } from "../examples.js";

const texts: Record<string, () => Promise<{ readonly default: string }>> = {
  line: () => import("../../playground/line.ts?raw"),
  spirals: () => import("../../playground/spirals.ts?raw"),
  "custom-op": () => import("../../playground/custom-op.ts?raw"),
  gpart: () => import("../../playground/gpart.ts?raw"),
  ponita: () => import("../../playground/ponita.ts?raw"),
  compile: () => import("../../playground/compile.ts?raw"),
};

/** The text of an example; that of the first for a name that is none. */
export async function exampleText(name: string): Promise<string> {
  const load = texts[name] ?? texts[examples[0]?.name ?? ""];
  return load === undefined ? "" : (await load()).default;
}
