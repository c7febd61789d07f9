/** @file Rewrites one built script: texts with the placeholder of the base ask the script's own address instead. */
import { type AnyNode, type Node, parse } from "acorn";

/** Where a build that is to work at any path pretends to be served. */
export const PLACEHOLDER = "/__isograd_base__/";

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Every node of a tree, with its parent. */
function visit(node: Node, parent: Node | undefined, see: (node: AnyNode, parent?: Node) => void) {
  see(node as AnyNode, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === "string") visit(child, node, see);
    }
  }
}

/** `"a/base/b/base/c"` as `["a","b","c"].join(base)`: flat, as an index of the search holds thousands. */
const joined = (raw: string, base: string): string => {
  const quote = raw.at(0) as string;
  const parts = raw.slice(1, -1).split(PLACEHOLDER);
  return `[${parts.map((part) => quote + part + quote).join(",")}].join(${base})`;
};

const isModule = ({ type }: Node): boolean =>
  ["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration"].includes(type);

/** What to write for a node, if it is a text with the placeholder. */
function edit(code: string, node: AnyNode, parent: Node, up: string): Edit | undefined {
  const { start, end } = node;
  const raw = code.slice(start, end);
  if (!raw.includes(PLACEHOLDER)) return undefined;
  // The router compares the base with decoded paths.
  const base = `decodeURI(new URL("${up}",import.meta.url).pathname)`;
  if (node.type === "TemplateElement") {
    return { start, end, text: raw.replaceAll(PLACEHOLDER, () => `\${${base}}`) };
  }
  if (node.type !== "Literal" || typeof node.value !== "string") return undefined;
  if (isModule(parent)) return { start, end, text: raw.replace(PLACEHOLDER, () => `${up}/`) };
  const isKey =
    "key" in parent && parent.key === node && !("computed" in parent && parent.computed);
  const text = joined(raw, base);
  return { start, end, text: isKey ? `[${text}]` : ` ${text}` };
}

/**
 * The script without the placeholder.
 * @param up From the script's folder to the site's: `.` and `..` steps, without a slash at the end.
 */
export function relativeScript(code: string, up: string): string {
  if (!code.includes(PLACEHOLDER)) return code;
  const edits: Edit[] = [];
  const tree = parse(code, { ecmaVersion: "latest", sourceType: "module" });
  visit(tree, undefined, (node, parent) => {
    const found = parent && edit(code, node, parent, up);
    if (found) edits.push(found);
  });
  let [text, done] = ["", 0];
  for (const { start, end, text: own } of edits.sort((a, b) => a.start - b.start)) {
    text += code.slice(done, start) + own;
    done = end;
  }
  return text + code.slice(done);
}
