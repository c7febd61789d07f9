/** @file The texts that a new elementwise op adds to the sources. Each returns the changed source. */

const upper = (name) => name[0].toUpperCase() + name.slice(1);

/** Puts `text` before the last occurrence of `mark`. */
function before(source, mark, text) {
  const at = source.lastIndexOf(mark);
  if (at < 0) throw new Error(`there is no ${JSON.stringify(mark)} any more: adapt scripts/addOp`);
  return source.slice(0, at) + text + source.slice(at);
}

/** The op itself, at the end of `ops/elementwise/<family>.ts`. */
export function withOp(source, { name, family, scalar, gpu, doc }) {
  const parameters = family === "unary" ? "(x)" : "(x, y)";
  const body = gpu === undefined ? "" : `, gpu: ${JSON.stringify(`return ${gpu};`)}`;
  const entry = `${family}("${name}", { scalar: ${parameters} => ${scalar}${body} })`;
  return `${source}/** ${doc} */\nexport const ${name} = ${entry};\n`;
}

/** Names of the root that a rule calls and its file does not import yet. */
function called(source, rule, publicNames) {
  const [head] = source.split(/^export const /m);
  const words = new Set(rule.match(/(?<![.\w])[a-z]\w*(?=\()/gi));
  const known = new Set(head.match(/\w+/g));
  return [...words].filter((word) => publicNames.has(word) && !known.has(word));
}

/** The derivative, at the end of the table in `rules/<family>.ts`, with what it imports. */
export function withRule(source, { name, rule, derivative }, publicNames) {
  const missing = called(source, rule, publicNames);
  const comment = derivative === undefined ? "" : `  // d ${name}(x) = ${derivative}\n`;
  const entered = before(source, "\n};", `\n${comment}  ${name}: ${rule},`);
  const lists = /\n\} from "@isograd\/tensor";/;
  return entered.replace(lists, (end) => missing.map((word) => `\n  ${word},`).join("") + end);
}

/** A kernel over four numbers, at the end of `assembly/elementwise/unary.ts`. */
export function withKernel(source, { name, kernel }) {
  return `${source}
// @ts-ignore: decorator
@unmanaged class ${upper(name)} {
  // @ts-ignore: decorator
  @inline of(x: v128): v128 { return ${kernel}; }
}
export function ${name}(n: i32, x: usize, o: usize): void {
  map<${upper(name)}>(n, x, o);
}
`;
}

/** The kernel's name, in the list of what the WebAssembly modules export. */
export function withExport(source, { name }) {
  const [head, tail] = source.split("export const LIGHT_MAPS = [");
  if (tail === undefined) throw new Error("there is no LIGHT_MAPS any more: adapt scripts/addOp");
  return `${head}export const LIGHT_MAPS = [\n  "${name}",${tail}`;
}
