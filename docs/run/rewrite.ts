/**
 * @file Makes a program of code that people read: types are stripped, promises become calls of
 * `__run.check`, last expressions calls of `__run.value`, and no line moves. Runs in the tests and
 * on the site.
 */
import { type Expression, type Program, parse } from "acorn";
import { transform } from "sucrase";
import { promiseAfter } from "./promises.js";

/** Code that can run. */
export interface Rewritten {
  /** A module that reads `__run`. Its lines are those of the source. */
  readonly code: string;
  /** How many promises it holds. */
  readonly promises: number;
  /** Names that it reads and does not declare. */
  readonly free: ReadonlySet<string>;
}

/** What {@link rewrite} may be told. */
export interface RewriteOptions {
  /** Whether `import` stays as it is, or becomes `await __run.load(…)`. Default: it stays. */
  readonly load?: boolean;
  /** Lines, from 1, after which the value of an expression is shown. Default: none. */
  readonly ends?: readonly number[];
}

/** What the syntax tree is made of, for walks that look at everything. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

type Statement = Program["body"][number];

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** The names that a pattern declares. */
function namesIn(pattern: Node): string[] {
  if (pattern.type === "Identifier") return [String(pattern["name"])];
  if (pattern.type === "Property") return namesIn(pattern["value"] as Node);
  if (pattern.type === "AssignmentPattern") return namesIn(pattern["left"] as Node);
  return childrenOf(pattern).flatMap(namesIn);
}

/** The patterns in which a node declares names. */
function declarations(node: Node): Node[] {
  const own = [node["id"], node["local"], node["param"]].filter(isNode);
  const parameters = Array.isArray(node["params"]) ? node["params"].filter(isNode) : [];
  return /Declar|Function|Class|Import|Catch/.test(node.type) ? [...own, ...parameters] : [];
}

/** Names that are read somewhere and declared nowhere. */
function freeNames(program: Node): Set<string> {
  const declared = new Set<string>();
  const read = new Set<string>();
  const visit = (node: Node): void => {
    for (const pattern of declarations(node)) {
      for (const name of namesIn(pattern)) declared.add(name);
    }
    if (node.type === "Identifier") read.add(String(node["name"]));
    const named = node.type === "MemberExpression" ? "property" : "key";
    const skipped = node["computed"] === true ? undefined : node[named];
    for (const child of childrenOf(node)) if (child !== skipped || node["shorthand"]) visit(child);
  };
  visit(program);
  for (const name of declared) read.delete(name);
  return read;
}

/** `import { a as b } from "x"` as a statement that waits for `__run.load("x")`. */
function loading(node: Statement & { type: "ImportDeclaration" }): string {
  const loaded = `await __run.load(${JSON.stringify(node.source.value)})`;
  const parts = node.specifiers.map((specifier) => {
    const { name } = specifier.local;
    if (specifier.type === "ImportNamespaceSpecifier") return `const ${name} = ${loaded};`;
    if (specifier.type === "ImportDefaultSpecifier")
      return `const { default: ${name} } = ${loaded};`;
    const { imported } = specifier;
    const from = imported.type === "Identifier" ? imported.name : JSON.stringify(imported.value);
    return `const { ${from}: ${name} } = ${loaded};`;
  });
  return parts.length > 0 ? parts.join(" ") : `${loaded};`;
}

/** `console.log(a, b)` promises what it prints: `a` and `b`, joined by a space. */
function printedBy(expression: Expression, js: string): string {
  const text = js.slice(expression.start, expression.end);
  if (expression.type !== "CallExpression") return text;
  const { callee } = expression;
  if (js.slice(callee.start, callee.end) !== "console.log") return text;
  const parts = expression.arguments.map(({ start, end }) => js.slice(start, end));
  return `[${parts.join(", ")}].map(__run.show).join(" ")`;
}

/**
 * JavaScript with the lines of its TypeScript. The transformer drops a comment before a type or an
 * import that it removes, and that may be a promise.
 */
function stripped(source: string): string {
  const { code } = transform(source, { transforms: ["typescript"], disableESTransforms: true });
  const lines = code.split("\n");
  source.split("\n").forEach((line, i) => {
    const comment = /(?:^|\s)(\/\/ .*)$/.exec(line)?.[1];
    if (comment !== undefined && !lines[i]?.includes(comment)) lines[i] += ` ${comment}`;
  });
  return lines.join("\n");
}

const lineAt = (text: string, place: number) => text.slice(0, place).split("\n").length;

/** Cuts text out and keeps its lines. */
const blank = (text: string) => text.replace(/[^\n]/g, "");

/**
 * Rewrites TypeScript into a module with promises as checks.
 *
 * @throws SyntaxError with `loc.line`, when the source is no program.
 */
export function rewrite(
  source: string,
  { load = false, ends = [] }: RewriteOptions = {},
): Rewritten {
  const js = stripped(source);
  const program = parse(js, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowAwaitOutsideFunction: true,
  });
  const heads: string[] = [];
  let code = "";
  let from = 0;
  let promises = 0;
  const put = (start: number, end: number, text: string) => {
    code += js.slice(from, start) + text;
    from = end;
  };
  const lastOf = lastStatements(program, js, ends);
  for (const statement of program.body) {
    const { start, end } = statement;
    if (load && statement.type === "ImportDeclaration") {
      heads.push(loading(statement));
      put(start, end, blank(js.slice(start, end)));
    } else if (load && statement.type === "ExportNamedDeclaration") {
      put(start, statement.declaration?.start ?? end, "");
    } else if (statement.type === "ExpressionStatement") {
      const { expression } = statement;
      const promised = promiseAfter(js, end);
      const last = lastOf.has(statement);
      if (promised) {
        const line = lineAt(js, promised.at);
        const value = printedBy(expression, js);
        const facts = [line, promised.text, js.slice(start, end), last].map((v) =>
          JSON.stringify(v),
        );
        put(start, end, `await __run.check(async () => (${value}), ${facts.join(", ")});`);
        promises += 1;
      } else if (last) {
        const value = js.slice(expression.start, expression.end);
        put(start, end, `await __run.value(await (${value}), ${lineAt(js, end)});`);
      }
    }
  }
  code += js.slice(from);
  const head = heads.join(" ");
  return { code: head + code, promises, free: freeNames(program as unknown as Node) };
}

/** The last statement before each of the given lines ends. */
function lastStatements(program: Program, js: string, ends: readonly number[]): Set<Statement> {
  const last = ends.map((line) => program.body.findLast(({ start }) => lineAt(js, start) <= line));
  return new Set(last.filter((statement) => statement !== undefined));
}
