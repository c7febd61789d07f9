/** The ceilings and the layers of the sources, held by a count: see ARCHITECTURE.md and CONTRIBUTING.md. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const packages = ["tensor", "autograd", "nn", "gpart", "equivariant", "testkit"];
const LINES = 400;
const BODY = 60;
const COLUMNS = 100;
const CASTS = 10;
const CORE = 1300;

interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

function sourcesOf(name: string): Source[] {
  const folder = join(root, "packages", name, "src");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("generated"))
    .map((file) => {
      const path = join(folder, file);
      const text = readFileSync(path, "utf8");
      const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
      return { path, text, tree };
    });
}

const sources = packages.flatMap(sourcesOf);
/** Files that a script writes say so in their first lines; lists of public names are as long as they are. */
const written = sources.filter(
  ({ path, text }) =>
    !/(?:generated|written) by `?npm/i.test(text.slice(0, 300)) && basename(path) !== "index.ts",
);

const at = ({ path, tree }: Source, node: ts.Node): string => {
  const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
  return `${relative(root, path)}:${line + 1}`;
};

function eachNode(source: Source, see: (node: ts.Node) => void): void {
  const visit = (node: ts.Node): void => {
    see(node);
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
}

/** The files that a file imports, types included. */
function importsOf({ path, tree }: Source): string[] {
  return tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier: from } = statement;
    if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith(".")) return [];
    return [resolve(dirname(path), from.text.replace(/\.js$/, ".ts"))];
  });
}

describe("the sources", () => {
  it(`have files of at most ${LINES} lines`, () => {
    const long = written.filter(({ text }) => text.split("\n").length > LINES + 1);
    expect(long.map(({ path }) => relative(root, path))).toEqual([]);
  });

  it(`have functions of at most ${BODY} lines`, () => {
    const long: string[] = [];
    for (const source of written) {
      eachNode(source, (node) => {
        if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
        const [from, to] = [node.getStart(), node.end].map(
          (place) => source.tree.getLineAndCharacterOfPosition(place).line,
        ) as [number, number];
        if (to - from + 1 > BODY) long.push(`${at(source, node)}: ${to - from + 1} lines`);
      });
    }
    expect(long).toEqual([]);
  });

  it(`have lines of at most ${COLUMNS} columns`, () => {
    const wide = written.flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, i) => {
        return [...line].length > COLUMNS ? [`${relative(root, path)}:${i + 1}`] : [];
      }),
    );
    expect(wide).toEqual([]);
  });

  it("open with a sentence on what the file is", () => {
    const silent = sources.filter(({ text }) => !/^\/\*\*\s*(\*\s*)?@file \S/.test(text));
    expect(silent.map(({ path }) => relative(root, path))).toEqual([]);
  });

  it("have names that say something: none ends in More", () => {
    expect(sources.filter(({ path }) => /More\.ts$/.test(path))).toEqual([]);
  });

  it(`have at most ${CASTS} casts past the types, each with its reason`, () => {
    const casts: string[] = [];
    const silent: string[] = [];
    for (const source of sources) {
      const lines = source.text.split("\n");
      eachNode(source, (node) => {
        if (!ts.isAsExpression(node)) return;
        const { kind } = node.type;
        const past =
          kind === ts.SyntaxKind.NeverKeyword ||
          (kind === ts.SyntaxKind.UnknownKeyword && ts.isAsExpression(node.parent));
        if (!past) return;
        casts.push(at(source, node));
        const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart());
        const near = lines.slice(Math.max(0, line - 3), line + 2).join("\n");
        if (!/\/\/ |\*\//.test(near)) silent.push(at(source, node));
      });
    }
    expect(casts.length, casts.join("\n")).toBeLessThanOrEqual(CASTS);
    expect(silent).toEqual([]);
  });

  it("import in no circle, types included", () => {
    const graph = new Map(sources.map((source) => [source.path, importsOf(source)]));
    const done = new Set<string>();
    const open: string[] = [];
    const circles: string[] = [];
    const visit = (path: string): void => {
      if (open.includes(path)) {
        const circle = open.slice(open.indexOf(path)).map((file) => relative(root, file));
        circles.push(circle.join(" → "));
      }
      if (done.has(path) || open.includes(path)) return;
      open.push(path);
      for (const next of graph.get(path) ?? []) visit(next);
      open.pop();
      done.add(path);
    };
    for (const path of graph.keys()) visit(path);
    expect(circles).toEqual([]);
  });
});

describe("errors", () => {
  it("say what to do: all have a help", () => {
    const silent = sources.flatMap((source) => {
      const found: string[] = [];
      eachNode(source, (node) => {
        if (!ts.isNewExpression(node) || !HOUSE.test(node.expression.getText())) return;
        const help = node.arguments?.[2];
        if (help === undefined || mayLack(help)) found.push(at(source, node));
      });
      return found;
    });
    expect(silent, "give what to do as third argument").toEqual([]);
  });
});

/** The errors that users meet; PatternError and its like are given a help by those who catch them. */
const HOUSE = /^(Isograd|Equivariance|Shape|DType|Device|Format|Gradient|Usage)Error$/;

/** Whether an argument is undefined in some case: by its text, or as a parameter to be left out. */
function mayLack(help: ts.Expression): boolean {
  if (ts.isConditionalExpression(help)) return mayLack(help.whenTrue) || mayLack(help.whenFalse);
  if (!ts.isIdentifier(help)) return false;
  if (help.text === "undefined") return true;
  const isIt = ({ name }: ts.NamedDeclaration) => name?.getText() === help.text;
  for (let node: ts.Node = help; node.parent; node = node.parent) {
    const param = ts.isFunctionLike(node) ? node.parameters.find(isIt) : undefined;
    if (param !== undefined) return param.questionToken !== undefined;
    const statements = ts.isBlock(node) || ts.isSourceFile(node) ? node.statements : [];
    for (const statement of statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const { initializer } = statement.declarationList.declarations.find(isIt) ?? {};
      if (initializer !== undefined) return mayLack(initializer);
    }
  }
  return false;
}

/** Packages whose functions check all options that they take. */
const checked = ["tensor", "autograd", "nn", "gpart", "equivariant"];
/** Functions that get options from those that users call, which check them. */
const inner = ["decodeNpz", "initCpu", "startWebGpu", "needsGraph", "given", "ownLists"];
/** Functions that check what they make of their arguments: the last number or options, a copy. */
const apart = ["arange", "headOnly"];
/** What the entry points export. */
const named = new Set(
  sources
    .filter(({ path }) => basename(path) === "index.ts" || path.includes("/api/"))
    .flatMap(({ tree }) => tree.statements)
    .flatMap((x) => (ts.isExportDeclaration(x) && x.exportClause ? [x.exportClause] : []))
    .flatMap((x) => (ts.isNamedExports(x) ? x.elements.map(({ name }) => name.text) : [])),
);

const renamed = new WeakMap<ts.SourceFile, ReadonlyMap<string, string>>();
const functions = sources.flatMap(functionsOf);

describe("options", () => {
  it.each(checked)("that users give are checked by `given` in packages/%s", (name) => {
    const checkers = new Set(["given"]);
    for (let before = 0; before !== checkers.size; ) {
      before = checkers.size;
      for (const f of functions)
        if (f.params.some((p) => hands(f, p, checkers))) checkers.add(f.name);
    }
    const silent = functions.flatMap((f) => {
      if (!f.at.startsWith(`packages/${name}/`) || [...inner, ...apart].includes(f.name)) return [];
      const [options] = f.params.filter((param) => isOptions(f.node, param));
      return options === undefined || hands(f, options, checkers) ? [] : [`${f.at}: ${f.name}`];
    });
    expect(silent, "call given(op, options, names), or a function that does").toEqual([]);
  });
});

interface Fn {
  readonly name: string;
  readonly at: string;
  readonly node: ts.FunctionLikeDeclaration;
  readonly params: readonly ts.ParameterDeclaration[];
  readonly calls: readonly { readonly callee: string; readonly given: readonly ts.Expression[] }[];
}

/** All functions with bodies, by the names under which they are called. */
function functionsOf(source: Source): Fn[] {
  const found: Fn[] = [];
  eachNode(source, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    let named: ts.Node = node;
    while (named.parent && !ts.isVariableDeclaration(named) && !ts.isStatement(named)) {
      if ("name" in named && named.name !== undefined) break;
      named = named.parent;
    }
    const { name } = named as { readonly name?: ts.Node };
    found.push({
      name: name?.getText().replace("#", "") ?? "",
      at: at(source, node),
      node,
      params: [...node.parameters],
      calls: callsOf(node.body),
    });
  });
  return found;
}

/** Whether a function passes a parameter, whole, to a function that checks it. */
function hands({ calls }: Fn, param: ts.ParameterDeclaration, checkers: ReadonlySet<string>) {
  if (!ts.isIdentifier(param.name)) return false;
  const { text } = param.name;
  const isIt = (x: ts.Node): boolean =>
    (ts.isIdentifier(x) && x.text === text) ||
    (ts.isPropertyAccessExpression(x) && ts.isIdentifier(x.expression) && isIt(x.expression)) ||
    (ts.isObjectLiteralExpression(x) &&
      x.properties.some((p) => ts.isShorthandPropertyAssignment(p) && isIt(p.name)));
  return calls.some(({ callee, given }) => checkers.has(callee) && given.some(isIt));
}

/**
 * The calls in a function: the last name of what is called, before it was renamed by an import or
 * in `super`, and the arguments.
 */
function callsOf(body: ts.Node): Fn["calls"] {
  const found: { callee: string; given: readonly ts.Expression[] }[] = [];
  const visit = (x: ts.Node): void => {
    if (ts.isCallExpression(x) || ts.isNewExpression(x)) {
      const callee = x.expression.getText().split(".").at(-1)?.replace("#", "") ?? "";
      found.push({ callee: originOf(callee, x), given: [...(x.arguments ?? [])] });
    }
    ts.forEachChild(x, visit);
  };
  visit(body);
  return found;
}

/** The class behind `super`, and the name behind `import { given as checked }`. */
function originOf(name: string, at: ts.Node): string {
  let node = at;
  while (node.parent && !(name === "super" && ts.isClassLike(node))) node = node.parent;
  if (ts.isClassLike(node)) return node.heritageClauses?.[0]?.types[0]?.expression.getText() ?? "";
  return (ts.isSourceFile(node) ? renamedIn(node).get(name) : undefined) ?? name;
}

/** The names that a file imports under others. */
function renamedIn(file: ts.SourceFile): ReadonlyMap<string, string> {
  let names = renamed.get(file);
  if (names === undefined) {
    const elements = file.statements.flatMap((x) => {
      const bindings = ts.isImportDeclaration(x) ? x.importClause?.namedBindings : undefined;
      return bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
    });
    names = new Map(elements.map((x) => [x.name.text, (x.propertyName ?? x.name).text]));
    renamed.set(file, names);
  }
  return names;
}

/**
 * Whether a parameter has options that users give: they may leave it out, or it is one of a method,
 * or of a function or a class that an entry point exports.
 */
function isOptions(f: ts.Node, param: ts.ParameterDeclaration): boolean {
  const type = param.type?.getText() ?? "";
  const optional = param.questionToken !== undefined || param.initializer !== undefined;
  const literal =
    param.type !== undefined &&
    ts.isTypeLiteralNode(param.type) &&
    param.type.members.every(({ questionToken }) => questionToken !== undefined);
  const isIt = /^options$/i.test(param.name.getText()) || /Options\b/.test(type) || literal;
  const method =
    ts.isMethodDeclaration(f) && ts.isClassLike(f.parent) && !/^#/.test(f.name.getText());
  const owner = ts.isConstructorDeclaration(f) ? f.parent : f;
  const exported =
    (ts.isFunctionDeclaration(owner) || ts.isClassDeclaration(owner)) &&
    named.has(owner.name?.text ?? "");
  return isIt && (optional || method || exported);
}

describe("packages/tensor", () => {
  const folder = join(root, "packages/tensor/src");
  const layerOf = (path: string): string => {
    const [first = "", second = ""] = relative(folder, path).split("/");
    return first === "devices" ? second : first;
  };
  /** What each layer may import. */
  const below: Readonly<Record<string, readonly string[]>> = {
    base: [],
    core: ["base"],
    ops: ["base", "core"],
    reference: ["base", "core", "ops"],
    cpu: ["base", "core", "ops", "reference"],
    nets: ["base", "core", "ops", "reference", "cpu"],
    gpu: ["base", "core", "ops", "reference", "nets"],
    io: ["base", "core"],
    random: ["base", "core", "ops"],
    api: ["base", "core", "ops", "reference", "cpu", "nets", "gpu", "io", "random"],
  };
  const own = sources.filter(({ path }) => path.startsWith(folder));

  it("imports downwards only", () => {
    const wrong = own.flatMap((source) => {
      const layer = layerOf(source.path);
      return importsOf(source)
        .filter((path) => layerOf(path) !== layer && !below[layer]?.includes(layerOf(path)))
        .map((path) => `${relative(folder, source.path)} → ${relative(folder, path)}`);
    });
    expect(wrong).toEqual([]);
  });

  it("says the same in its project references, by which the compiler holds it", () => {
    const projects = join(root, "packages/tensor/tsconfig");
    const read = (file: string) => JSON.parse(readFileSync(join(projects, file), "utf8"));
    const found = readdirSync(projects).map((file): [string, string[]] => {
      const references = (read(file).references ?? []) as { readonly path: string }[];
      return [basename(file, ".json"), references.map(({ path }) => basename(path, ".json"))];
    });
    expect(Object.fromEntries(found)).toEqual(below);
  });

  it(`has a core of at most ${CORE} lines of code`, () => {
    const lines = own
      .filter(({ path }) => layerOf(path) === "core")
      .map(({ tree }) => codeLines(tree));
    expect(lines.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(CORE);
  });
});

/** Lines that hold code, comments and blank lines apart. */
function codeLines(tree: ts.SourceFile): number {
  const printer = ts.createPrinter({ removeComments: true });
  return printer.printFile(tree).trim().split("\n").length;
}
