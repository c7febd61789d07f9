/** @file The modules that a program on the site may import, each loaded when it is asked for. */

const modules: Record<string, () => Promise<Readonly<Record<string, unknown>>>> = {
  "@isograd/tensor": () => import("@isograd/tensor"),
  "@isograd/autograd": () => import("@isograd/autograd"),
  "@isograd/nn": () => import("@isograd/nn"),
  "@isograd/gpart": () => import("@isograd/gpart"),
  "@isograd/equivariant": () => import("@isograd/equivariant"),
  "@isograd/compile": () => import("@isograd/compile"),
  "@isograd/tensor/io": () => import("@isograd/tensor/io"),
  "@isograd/autograd/check": () => import("@isograd/autograd/check"),
  "@isograd/autograd/viz": () => import("@isograd/autograd/viz"),
  "@isograd/tensor/engine": () => import("@isograd/tensor/engine"),
  "@isograd/autograd/engine": () => import("@isograd/autograd/engine"),
  "@isograd/tensor/cpu": () => import("@isograd/tensor/cpu"),
  "@isograd/tensor/gpu": () => import("@isograd/tensor/gpu"),
  "@observablehq/plot": () => import("@observablehq/plot"),
};

/** Where names without an import are looked up, in this order. */
const implied = Object.keys(modules).filter(
  (name) => name.startsWith("@isograd/") && !/\/(cpu|gpu)$/.test(name),
);

/** Loads a module by its name; a module that is not here is an error that lists those that are. */
export async function load(name: string): Promise<Readonly<Record<string, unknown>>> {
  const found = modules[name];
  if (found !== undefined) return found();
  const known = Object.keys(modules).join(", ");
  throw new Error(`there is no module "${name}" on this page; there are ${known}`);
}

/**
 * `const { a, b } = await __run.load("x");` for names that no import declares. Those of `own` come
 * first: a module, or a namespace of one, as in `@isograd/nn.losses`.
 */
export async function importsFor(names: ReadonlySet<string>, own: string): Promise<string> {
  const missing = new Set(names);
  const lines: string[] = [];
  const [module = own, space] = own.split(".");
  const take = (from: object, expression: string): void => {
    const exports = Object.keys(from).filter((key) => missing.delete(key));
    if (exports.length > 0) lines.push(`const { ${exports.join(", ")} } = ${expression};`);
  };
  const loading = (name: string) => `await __run.load(${JSON.stringify(name)})`;
  if (space !== undefined) {
    take((await load(module))[space] as object, `(${loading(module)}).${space}`);
  }
  for (const name of new Set([module, ...implied])) {
    if (missing.size === 0) break;
    take(await load(name), loading(name));
  }
  return lines.join(" ");
}
