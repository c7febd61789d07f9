/** @file A module as text: the tree of what it is made of, as PyTorch prints it. Knows no layer. */
import type { Tensor } from "@isograd/tensor";
import { formatShape } from "@isograd/tensor/engine";

/** What a module says of its parts, by their names. */
interface Described {
  namedModules(): ReadonlyMap<string, object>;
  namedParameters(): ReadonlyMap<string, { readonly own: Tensor; readonly trainable: boolean }>;
  namedBuffers(): ReadonlyMap<string, { readonly own: Tensor }>;
}

/** A module with those that stand directly in it, by their paths from it. */
interface Branch {
  readonly module: object;
  readonly inside: Map<string, Branch>;
  readonly own: string[];
}

/** The module that a name stands in: the longest beginning of the name that is one. */
function holderOf(name: string, branches: ReadonlyMap<string, Branch>): [at: string, rest: string] {
  for (let end = name.lastIndexOf("."); end > 0; end = name.lastIndexOf(".", end - 1)) {
    if (branches.has(name.slice(0, end))) return [name.slice(0, end), name.slice(end + 1)];
  }
  return ["", name];
}

function branchesOf(root: Described): Branch {
  const branches = new Map<string, Branch>();
  for (const [name, module] of root.namedModules()) {
    const branch = { module, inside: new Map(), own: settingsOf(module) };
    branches.set(name, branch);
    if (name === "") continue;
    const [at, rest] = holderOf(name, branches);
    branches.get(at)?.inside.set(rest, branch);
  }
  const add = (name: string, x: Tensor, note: string) => {
    const [at, rest] = holderOf(name, branches);
    const dtype = x.dtype === "float32" ? "" : `${x.dtype} `;
    branches.get(at)?.own.push(`${rest} ${dtype}${formatShape(x.shape)}${note}`);
  };
  for (const [name, p] of root.namedParameters()) add(name, p.own, p.trainable ? "" : " frozen");
  for (const [name, buffer] of root.namedBuffers()) add(name, buffer.own, " buffer");
  return branches.get("") as Branch;
}

/** Numbers, texts and flags of a module, and lists of them: `heads=4`. */
function settingsOf(module: object): string[] {
  const plain = (x: unknown) => ["number", "string", "boolean"].includes(typeof x);
  return Object.entries(module).flatMap(([name, x]) => {
    if (plain(x)) return [`${name}=${x}`];
    return Array.isArray(x) && x.length > 0 && x.every(plain) ? [`${name}=[${x.join(", ")}]`] : [];
  });
}

/** The lines of a branch, the first without its name. */
function linesOf({ module, inside, own }: Branch): string[] {
  const name = module.constructor.name;
  if (inside.size === 0) return [`${name}(${own.join(", ")})`];
  const lines = own.length > 0 ? [`  ${own.join(", ")}`] : [];
  const blocks = [...inside].map(([name, branch]) => ({ name, lines: linesOf(branch) }));
  for (let i = 0; i < blocks.length; ) {
    const { name, lines: block } = blocks[i] as (typeof blocks)[number];
    let next = i + 1;
    const same = () => blocks[next]?.lines.join("\n") === block.join("\n");
    while (same() && isNext(blocks[next - 1]?.name, blocks[next]?.name)) next++;
    const count = next - i;
    const last = blocks[next - 1]?.name.split(".").at(-1);
    const [title, times] = count > 1 ? [`${name}-${last}`, `${count} × `] : [name, ""];
    lines.push(`  (${title}): ${times}${block[0]}`, ...block.slice(1).map((line) => `  ${line}`));
    i = next;
  }
  return [`${name}(`, ...lines, ")"];
}

/** Whether two names are those of neighbours in a list: layers.3 and layers.4. */
function isNext(a = "", b = ""): boolean {
  const [head, tail] = [a, b].map((name) => name.slice(0, name.lastIndexOf(".") + 1));
  const [i, j] = [a, b].map((name) => Number(name.slice(name.lastIndexOf(".") + 1)));
  return head === tail && (i as number) + 1 === j;
}

/** The tree of a module, a line for each module in it; equal neighbours are one line. */
export function describeModule(module: Described): string {
  return linesOf(branchesOf(module)).join("\n");
}
