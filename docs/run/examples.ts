/** @file The examples of the playground, in their order: files of docs/playground. */

/** An example: the name of its file, what the list says, and its text, loaded when it is chosen. */
export interface Example {
  readonly name: string;
  readonly title: string;
  readonly load: () => Promise<{ readonly default: string }>;
}

export const examples: readonly Example[] = [
  {
    name: "line",
    title: "A line through points",
    load: () => import("../playground/line.ts?raw"),
  },
  {
    name: "spirals",
    title: "Two spirals and their border",
    load: () => import("../playground/spirals.ts?raw"),
  },
  {
    name: "custom-op",
    title: "An op of your own",
    load: () => import("../playground/custom-op.ts?raw"),
  },
  {
    name: "gpart",
    title: "GPart adapts a network",
    load: () => import("../playground/gpart.ts?raw"),
  },
  {
    name: "ponita",
    title: "PONITA on five bodies",
    load: () => import("../playground/ponita.ts?raw"),
  },
  {
    name: "compile",
    title: "A step and its program",
    load: () => import("../playground/compile.ts?raw"),
  },
];

/** The text of an example; that of the first for a name that is none. */
export async function exampleText(name: string): Promise<string> {
  const found = examples.find((example) => example.name === name) ?? examples[0];
  return found === undefined ? "" : (await found.load()).default;
}
