/** @file The examples of the playground, in their order: files of docs/playground. */

/** An example: the name of its file, and what the list says. */
export interface Example {
  readonly name: string;
  readonly title: string;
}

export const examples: readonly Example[] = [
  { name: "line", title: "A line through points" },
  { name: "spirals", title: "Two spirals and their border" },
  { name: "custom-op", title: "An op of your own" },
  { name: "gpart", title: "GPart adapts a network" },
  { name: "ponita", title: "PONITA on five bodies" },
  { name: "compile", title: "A step and its program" },
];
