/**
 * @file The public names of src/ops, by this rule: every exported declaration is public, unless
 * `@internal` stands in its comment or in the comment that opens its file. A public function whose
 * first parameter is a tensor is a method too, unless `@noMethod` stands in one of the two.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { declarations, parse, signatureOf, typesIn } from "./syntax.mjs";

const isExported = (node) =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
const isType = (node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);

/** The tags in a comment. */
const tags = (comment) => new Set(comment?.match(/@\w+/g));

/** The comment that opens a file. */
const opening = (source) => /^\/\*\*[\s\S]*?\*\//.exec(source.text)?.[0];

/** The first sentence of a comment, without links. */
function sentence(statement) {
  const text = ts.getTextOfJSDocComment(statement.jsDoc?.at(-1)?.comment) ?? "";
  const plain = text.replace(/\{@link (\w+)\}/g, "`$1`").replace(/\s+/g, " ");
  return /^(?:`[^`]*`|[^`])*?\.(?=\s|$)/.exec(plain)?.[0] ?? plain;
}

/** A parameter as a method declares it. */
function parameter(name, node) {
  const { name: own, type, initializer, questionToken, dotDotDotToken } = node;
  if (type === undefined) throw new Error(`${name}: a parameter has no type`);
  return {
    name: ts.isIdentifier(own) ? own.text : "options",
    isOptional: initializer !== undefined || questionToken !== undefined,
    isRest: dotDotDotToken !== undefined,
    type: type.getText(),
  };
}

/** What a function is as a method; undefined when its first parameter is no tensor. */
function methodOf(name, declared) {
  const signature = signatureOf(declared);
  const { initializer } = declared.node;
  if (signature === undefined && initializer && ts.isCallExpression(initializer)) {
    const help = `declare what its builder returns, or write \`export const ${name}: … =\``;
    throw new Error(`${declared.file}: the type of ${name} is not written down; ${help}`);
  }
  const declaredHere = signature?.node.parameters.filter((p) => p.name.getText() !== "surplus");
  const [first, ...rest] = declaredHere ?? [];
  if (!["Tensor", "TensorLike"].includes(first?.type?.getText())) return undefined;
  const { file, node } = signature;
  const types = [...rest.map(({ type }) => type), node.type].filter(Boolean);
  return {
    parameters: rest.map((each) => parameter(name, each)),
    returns: node.type?.getText() ?? `ReturnType<typeof ${name}>`,
    types: typesIn(file, types).map(({ file: from, name: type, node: at }) => {
      if (isExported(at)) return { file: from, name: type };
      throw new Error(`${from}: ${type} is a type of the method ${name}: export it`);
    }),
  };
}

/** The public names of one file. */
function namesOf(file) {
  const source = parse(file);
  const ofFile = tags(opening(source));
  if (ofFile.has("@internal")) return [];
  const found = new Map();
  for (const statement of source.statements.filter(isExported)) {
    const own = tags(statement.jsDoc?.at(-1)?.getText());
    if (own.has("@internal")) continue;
    for (const [name, node] of declarations(statement)) {
      if (found.has(name)) continue; // an overload
      const canBeMethod = !isType(node) && !own.has("@noMethod") && !ofFile.has("@noMethod");
      const method = canBeMethod ? methodOf(name, { file, node }) : undefined;
      found.set(name, { name, file, isType: isType(node), summary: sentence(statement), method });
    }
  }
  return [...found.values()];
}

/** The public names of all files below a folder, in the order of their files. */
export function publicNames(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".ts"));
  const names = files.sort().flatMap((file) => namesOf(join(folder, file)));
  const seen = new Map();
  for (const { name, file } of names) {
    if (seen.has(name)) {
      throw new Error(`${name} is public in ${seen.get(name)} and in ${file}: tag one @internal`);
    }
    seen.set(name, file);
  }
  return names;
}
