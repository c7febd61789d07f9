/**
 * @file Reads TypeScript sources without a type checker: names across files, and the signature
 * behind a constant such as `export const tanh = unary("tanh", …)`.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const parsed = new Map();

/** The syntax tree of a file; `text` is given only where the file differs from the one on disk. */
export function parse(file, text = readFileSync(file, "utf8")) {
  const known = parsed.get(file);
  if (known?.text === text) return known;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  parsed.set(file, source);
  return source;
}

/** What a statement declares: `[name, node]` each. */
export function declarations(statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((node) => [node.name.text, node]);
  }
  return statement.name === undefined ? [] : [[statement.name.text, statement]];
}

/** The file that a relative import or export names; undefined for packages. */
function target(file, statement) {
  const path = statement.moduleSpecifier?.text;
  return path?.startsWith(".") ? join(dirname(file), path.replace(/\.js$/, ".ts")) : undefined;
}

/** The names that an import or export statement lists: `[name here, name there]` each. */
function listed(statement) {
  const bindings = statement.importClause?.namedBindings ?? statement.exportClause;
  const elements = bindings?.elements ?? [];
  return elements.map(({ name, propertyName }) => [name.text, (propertyName ?? name).text]);
}

/** Where `name`, as `file` uses it, is declared; undefined for globals and names of packages. */
export function find(file, name) {
  const { statements } = parse(file);
  for (const statement of statements) {
    for (const [declared, node] of declarations(statement)) {
      if (declared === name) return { file, name, node };
    }
  }
  for (const statement of statements) {
    const from = target(file, statement);
    const [, there] = listed(statement).find(([here]) => here === name) ?? [];
    if (from !== undefined && there !== undefined) return find(from, there);
  }
  return undefined;
}

/** The function behind a declaration or an expression: `{ file, node }`, or undefined. */
export function signatureOf({ file, node }) {
  if (ts.isFunctionLike(node)) return { file, node };
  if (ts.isVariableDeclaration(node)) {
    if (node.type !== undefined) return ofType({ file, node: node.type }, new Map());
    return node.initializer && signatureOf({ file, node: node.initializer });
  }
  if (ts.isIdentifier(node)) {
    const found = find(file, node.text);
    return found && signatureOf(found);
  }
  return ts.isCallExpression(node) ? ofCall(file, node) : undefined;
}

/** The function that a builder returns: its type, in which a type parameter is an argument's. */
function ofCall(file, call) {
  const builder = signatureOf({ file, node: call.expression });
  if (builder?.node.type === undefined) return undefined;
  const scope = new Map();
  for (const { name } of builder.node.typeParameters ?? []) {
    const at = builder.node.parameters.findIndex(({ type }) => type?.getText() === name.text);
    const given = call.arguments[at];
    if (given !== undefined) scope.set(name.text, () => signatureOf({ file, node: given }));
  }
  return ofType({ file: builder.file, node: builder.node.type }, scope);
}

/** The function that a type describes; `scope` says what type parameters stand for. */
function ofType({ file, node }, scope) {
  if (ts.isFunctionTypeNode(node)) return { file, node };
  if (ts.isParenthesizedTypeNode(node)) return ofType({ file, node: node.type }, scope);
  if (ts.isIntersectionTypeNode(node)) {
    return node.types.map((type) => ofType({ file, node: type }, scope)).find(Boolean);
  }
  if (!ts.isTypeReferenceNode(node) || !ts.isIdentifier(node.typeName)) return undefined;
  const known = scope.get(node.typeName.text);
  if (known !== undefined) return known();
  const alias = find(file, node.typeName.text);
  if (alias === undefined || !ts.isTypeAliasDeclaration(alias.node)) return undefined;
  const given = (alias.node.typeParameters ?? []).map(({ name }, i) => {
    const argument = node.typeArguments?.[i];
    return [name.text, () => argument && ofType({ file, node: argument }, scope)];
  });
  return ofType({ file: alias.file, node: alias.node.type }, new Map(given));
}

/** Names of types in a piece of syntax, with the files that declare them. Globals are left out. */
export function typesIn(file, nodes) {
  const found = new Map();
  const visit = (node) => {
    let name;
    if (ts.isTypeReferenceNode(node)) name = node.typeName;
    if (ts.isTypeQueryNode(node)) name = node.exprName;
    while (name !== undefined && !ts.isIdentifier(name)) name = name.left;
    const declared = name && find(file, name.text);
    if (declared !== undefined) found.set(name.text, declared);
    ts.forEachChild(node, visit);
  };
  nodes.forEach(visit);
  return [...found.values()];
}
