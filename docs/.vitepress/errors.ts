/**
 * @file The errors that users meet, read from the sources by the syntax tree: the class, who throws
 * it, what it says and its help, with "…" for what differs from call to call. A comment
 * `<!-- errors ShapeError -->` in a page becomes the list of that class.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import type { MarkdownRenderer } from "vitepress";

const root = fileURLToPath(new URL("../..", import.meta.url));
const packages = ["tensor", "autograd", "compile", "nn", "gpart", "equivariant"];
const CLASS = /^(Isograd|Equivariance|Shape|DType|Device|Format|Gradient|Usage)Error$/;
/** How many callers of callers are followed for the name of an op. */
const DEPTH = 5;

/** One message of a package. */
export interface Message {
  readonly class: string;
  readonly package: string;
  readonly problem: string;
  readonly help: string;
  /** The functions that say it; empty where any may. */
  readonly ops: readonly string[];
}

/** A place in the sources that makes an error. */
interface Place {
  readonly at: string;
  readonly class: string;
  readonly package: string;
  readonly terms: readonly ts.Expression[];
}

interface Call {
  readonly file: ts.SourceFile;
  readonly given: readonly ts.Expression[];
}

interface Sources {
  readonly places: readonly Place[];
  /** By the name of the function that is called; methods are left out. */
  readonly calls: ReadonlyMap<string, readonly Call[]>;
  /** Constants that other files may import. */
  readonly constants: ReadonlyMap<string, ts.Expression>;
  /** The functions of all files, by name: the text of a help may be what one returns. */
  readonly functions: ReadonlyMap<string, readonly ts.FunctionLikeDeclaration[]>;
}

function each(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => each(child, see));
}

function files(name: string): ts.SourceFile[] {
  const folder = join(root, "packages", name, "src");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("generated"))
    .map((file) => {
      const path = join(folder, file);
      return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
    });
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

/** The constants and functions at the top of a file. */
function readTop(file: ts.SourceFile, constants: Map<string, ts.Expression>, functions: Functions) {
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement)) push(functions, statement.name?.text ?? "", statement);
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer === undefined) continue;
      if (ts.isArrowFunction(initializer)) push(functions, name.getText(), initializer);
      else if (isExported(statement)) constants.set(name.getText(), initializer);
    }
  }
}

type Functions = Map<string, ts.FunctionLikeDeclaration[]>;

const isExported = (x: ts.Node): boolean =>
  ts.canHaveModifiers(x) &&
  (ts.getModifiers(x) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

function readSources(): Sources {
  const places: Place[] = [];
  const calls = new Map<string, Call[]>();
  const constants = new Map<string, ts.Expression>();
  const functions: Functions = new Map();
  for (const name of packages) {
    for (const file of files(name)) {
      readTop(file, constants, functions);
      each(file, (node) => {
        if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
        if (!ts.isIdentifier(node.expression)) return;
        const callee = node.expression.text;
        const given = [...(node.arguments ?? [])];
        push(calls, callee, { file, given });
        if (!ts.isNewExpression(node) || !CLASS.test(callee)) return;
        const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        const at = `${relative(root, file.fileName)}:${line}`;
        places.push({ at, class: callee, package: name, terms: given });
      });
    }
  }
  return { places, calls, constants, functions };
}

let sourcesRead: Sources | undefined;

/** The sources, read once. */
function readOnce(): Sources {
  sourcesRead ??= readSources();
  return sourcesRead;
}

type Found = ts.Expression | ts.ParameterDeclaration | undefined;

/** What a name stands for: the initializer of a constant, or a parameter. */
function meaning(name: ts.Identifier, { constants }: Sources): Found {
  const isIt = ({ name: own }: ts.NamedDeclaration) => own?.getText() === name.text;
  for (let node: ts.Node | undefined = name; node !== undefined; node = node.parent) {
    const param = ts.isFunctionLike(node) ? [...node.parameters].find(isIt) : undefined;
    if (param !== undefined) return param;
    const statements = ts.isBlock(node) || ts.isSourceFile(node) ? node.statements : [];
    for (const statement of statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const declared = statement.declarationList.declarations.find(isIt);
      if (declared !== undefined) return declared.initializer;
    }
  }
  return constants.get(name.text);
}

const bare = (x: ts.Expression): ts.Expression =>
  ts.isParenthesizedExpression(x) || ts.isAsExpression(x) ? bare(x.expression) : x;

/** The class that a node stands in. */
function classAround(node: ts.Node): string {
  for (let at = node; at.parent; at = at.parent) {
    if (ts.isClassLike(at)) return at.name?.text ?? "…";
  }
  return "…";
}

/** How many texts stand side by side; of more, none is shown. */
const CHOICES = 4;

/** The texts that an expression may be. */
function texts(expression: ts.Expression, sources: Sources, depth = 0): string[] {
  const x = bare(expression);
  if (ts.isStringLiteralLike(x)) return [x.text];
  if (depth > DEPTH) return ["…"];
  const inner = (part: ts.Expression) => texts(part, sources, depth + 1);
  if (ts.isConditionalExpression(x)) return [...inner(x.whenTrue), ...inner(x.whenFalse)];
  if (ts.isTemplateExpression(x)) {
    const spans = x.templateSpans.map(({ expression: part, literal }) => {
      const [only, ...others] = inner(part);
      return `${others.length === 0 ? only : "…"}${literal.text}`;
    });
    return [`${x.head.text}${spans.join("")}`];
  }
  if (ts.isBinaryExpression(x) && x.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return inner(x.left).flatMap((a) => inner(x.right).map((b) => a + b));
  }
  if (x.getText() === "new.target.name") return [classAround(x)];
  if (ts.isCallExpression(x)) return returned(x, sources, depth);
  if (!ts.isIdentifier(x)) return ["…"];
  const found = meaning(x, sources);
  return found === undefined || ts.isParameter(found) ? ["…"] : inner(found);
}

/** The texts that a called function of the sources returns. */
function returned(call: ts.CallExpression, sources: Sources, depth: number): string[] {
  if (!ts.isIdentifier(call.expression)) return ["…"];
  const all = sources.functions.get(call.expression.text) ?? [];
  const own = all.filter((f) => f.getSourceFile() === call.getSourceFile());
  const [f] = own.length > 0 ? own : all.length === 1 ? all : [];
  if (f?.body === undefined) return ["…"];
  const results: ts.Expression[] = [];
  if (ts.isBlock(f.body)) {
    each(f.body, (node) => {
      if (ts.isReturnStatement(node) && node.expression) results.push(node.expression);
    });
  } else results.push(f.body);
  const found = [...new Set(results.flatMap((part) => texts(part, sources, depth + 1)))];
  return found.length > 0 && found.length <= CHOICES ? found : ["…"];
}

/** A parameter that an expression is, through constants. */
function parameterOf(
  expression: ts.Expression,
  sources: Sources,
): ts.ParameterDeclaration | undefined {
  const x = bare(expression);
  if (!ts.isIdentifier(x)) return undefined;
  const found = meaning(x, sources);
  if (found === undefined) return undefined;
  return ts.isParameter(found) ? found : parameterOf(found, sources);
}

/** The name under which a function is called, and whether other files can call it. */
function nameOf(f: ts.Node): { readonly name: string; readonly shared: boolean } {
  if (ts.isFunctionDeclaration(f)) return { name: f.name?.text ?? "", shared: isExported(f) };
  const held = f.parent;
  if (!ts.isVariableDeclaration(held)) return { name: "", shared: false };
  return { name: held.name.getText(), shared: isExported(held.parent.parent) };
}

/** What callers give for the parameters among `terms`: one list of terms for each call. */
function given(terms: readonly ts.Expression[], sources: Sources): ts.Expression[][] {
  const params = terms.map((term) => parameterOf(term, sources));
  const f = params.find((param) => param !== undefined)?.parent;
  if (f === undefined) return [];
  const { name, shared } = nameOf(f);
  const sites = (sources.calls.get(name) ?? []).filter(
    ({ file }) => file === f.getSourceFile() || (shared && imports(file, name)),
  );
  return sites.map((site) =>
    terms.map((term, i) => {
      const param = params[i];
      if (param === undefined || param.parent !== f) return term;
      return site.given[f.parameters.indexOf(param)] ?? param.initializer ?? term;
    }),
  );
}

const imported = new WeakMap<ts.SourceFile, ReadonlySet<string>>();

/** Whether a file imports that name. */
function imports(file: ts.SourceFile, name: string): boolean {
  let names = imported.get(file);
  if (names === undefined) {
    const elements = file.statements.flatMap((x) => {
      const bindings = ts.isImportDeclaration(x) ? x.importClause?.namedBindings : undefined;
      return bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
    });
    names = new Set(elements.map((element) => element.name.text));
    imported.set(file, names);
  }
  return names.has(name);
}

/** The lists of op, problem and help of one place. */
function expand(terms: readonly ts.Expression[], sources: Sources, depth = 0): string[][] {
  const more = depth < DEPTH ? given(terms, sources) : [];
  const changed = more.filter((next) => next.some((term, i) => term !== terms[i]));
  if (changed.length > 0) return changed.flatMap((next) => expand(next, sources, depth + 1));
  const shown = terms.map((term) => [...new Set(texts(term, sources))].join(" / "));
  return [shown];
}

/** Runs of "…" are one, and names in templates alone say nothing. */
const tidy = (text: string) => text.replace(/…[…\s]*…/g, "…").trim();

/** Where an error is made, as `file:line`. */
export function places(): readonly string[] {
  return readOnce().places.map(({ at }) => at);
}

/** All messages, each with the places that make it. */
function readMessages(): (Message & { readonly at: readonly string[] })[] {
  const sources = readOnce();
  const found = new Map<string, Message & { ops: string[]; at: string[] }>();
  for (const place of sources.places) {
    // The first argument of an EquivarianceError is what was measured; its op is always the same.
    const measured = place.class === "EquivarianceError";
    const terms = measured ? place.terms.slice(1) : place.terms;
    for (const list of expand(terms, sources)) {
      const [op = "…", problem = "", help = ""] = measured ? ["assertEquivariant", ...list] : list;
      const texts = { problem: tidy(problem), help: tidy(help) };
      const own = { class: place.class, package: place.package, ...texts };
      const key = JSON.stringify(own);
      const message = found.get(key) ?? { ...own, ops: [], at: [] };
      found.set(key, message);
      for (const name of op.split(" / ")) {
        if (!name.includes("…") && !message.ops.includes(name)) message.ops.push(name);
      }
      if (!message.at.includes(place.at)) message.at.push(place.at);
    }
  }
  return [...found.values()].map((x) => ({ ...x, ops: x.ops.sort() }));
}

const html = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const SHOWN = 8;

/** The functions that say it; the first ones of many. */
function who(ops: readonly string[]): string {
  if (ops.length === 0) return "several";
  const names = ops.slice(0, SHOWN).map((op) => `<code>${html(op)}</code>`);
  const more = ops.length - SHOWN;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** By the first function; those of several functions come last. */
const place = ({ ops: [first] }: Message) => (first === undefined ? "\uffff" : first);

/** The lists of a class, as Markdown: a table for each package, in the order of its functions. */
export function listOf(name: string): string {
  const own = messages().filter((message) => message.class === name);
  return packages
    .flatMap((from) => {
      const rows = own
        .filter((message) => message.package === from)
        .sort((a, b) => place(a).localeCompare(place(b)))
        .map(({ ops, problem, help }) => {
          const cells = [who(ops), html(problem), html(help)];
          return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
        });
      if (rows.length === 0) return [];
      const head = "<tr><th>said by</th><th>problem</th><th>help</th></tr>";
      const table = `<table class="errors" tabindex="0" v-pre><thead>${head}</thead>`;
      return [`## In @isograd/${from}\n\n${table}<tbody>\n${rows.join("\n")}\n</tbody></table>\n`];
    })
    .join("\n");
}

let known: ReturnType<typeof readMessages> | undefined;

/** The messages, read once. */
export function messages(): ReturnType<typeof readMessages> {
  known ??= readMessages();
  return known;
}

/** Fills in the lists of a page before it is rendered, so that search and outline see them. */
export function listErrors(md: MarkdownRenderer): void {
  md.core.ruler.before("normalize", "errors", (state) => {
    state.src = state.src.replace(/<!-- errors (\w+) -->/g, (_, name: string) => listOf(name));
  });
}
