/**
 * @file TypeDoc plugin: modules show their import name and their `@file` sentence; ops, which are
 * constants with a call signature, appear as functions; inherited methods look like all others; the
 * groups of an entry point are headings.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Comment, CommentTag, Context, Converter, IntrinsicType, ReflectionKind } from "typedoc";

const packages = new URL("../packages/", import.meta.url);

/** Source file below packages → import name: `tensor/src/api/io.ts` → `@isograd/tensor/io`. */
function importNames() {
  const names = new Map();
  for (const folder of readdirSync(packages)) {
    const file = new URL(`${folder}/package.json`, packages);
    const { name, exports } = JSON.parse(readFileSync(file, "utf8"));
    for (const [path, entry] of Object.entries(exports)) {
      const source = entry["isograd-source"]?.slice(2); // the bundle has no sources of its own
      if (source !== undefined) names.set(`${folder}/${source}`, `${name}${path.slice(1)}`);
    }
  }
  return names;
}

/** The `@file` sentence that opens a source. */
function sentence(path) {
  const source = readFileSync(path, "utf8");
  const [, text = ""] = /^\/\*\*\s*(?:\*\s*)?@file\s+([\s\S]*?)\s*\*\//.exec(source) ?? [];
  return text.replace(/\s*\n\s*\*\s*/g, " ");
}

/** The groups of an entry point: a line `// Title: sentence.`, an empty one, then exports. */
function groupsOf(path) {
  const source = readFileSync(path, "utf8");
  const found = source.matchAll(/^\/\/ ([A-Z][\w ]*): (.*)\n\n((?:export [^;]*;\n)+)/gm);
  return [...found].map(([, title, sentence, exports]) => {
    const lists = [...exports.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) => list.split(","));
    const names = lists.map((name) => name.replace(/^\s*type |^.* as /, "").trim());
    return { title, sentence, names: new Set(names) };
  });
}

const text = (words) => [{ kind: "text", text: words }];

/** Shows the names of a module under the titles of its groups. */
function group(module, groups) {
  for (const { title, sentence, names } of groups) {
    const description = `${title}\n${sentence[0].toUpperCase()}${sentence.slice(1)}`;
    module.comment.blockTags.push(new CommentTag("@categoryDescription", text(description)));
    for (const child of module.children.filter(({ name }) => names.has(name))) {
      const owner = child.signatures?.[0] ?? child;
      owner.comment ??= new Comment();
      owner.comment.blockTags.push(new CommentTag("@category", text(title)));
    }
  }
}

/** Shows a table of whole files as an object: its members have their places elsewhere. */
function tidyTable(project, reflection) {
  if (!reflection.isReference() || reflection.parent.kind !== ReflectionKind.TypeLiteral) return;
  let table = reflection.parent;
  while (table.kind !== ReflectionKind.Variable) table = table.parent;
  project.removeTypeReflections(table.type);
  table.type = new IntrinsicType("object");
}

/** Removes what an abstract class without a constructor shows of its making. */
function tidyClass(project, reflection) {
  if (reflection.kind !== ReflectionKind.Class || !reflection.flags.isAbstract) return;
  for (const child of reflection.getChildrenByKind(ReflectionKind.Constructor)) {
    project.removeReflection(child);
  }
  reflection.extendedTypes = reflection.extendedTypes?.filter((type) => type.reflection);
}

/** The comment tells TypeDoc whether a constant is a function; only callable constants need it. */
function showCallablesAsFunctions() {
  const { getComment } = Context.prototype;
  Context.prototype.getComment = function (symbol, kind) {
    const comment = getComment.call(this, symbol, kind);
    if (kind !== ReflectionKind.Variable) return comment;
    const marked = comment ?? new Comment();
    marked.modifierTags.add("@function");
    return marked;
  };
}

/** Removes what only the converter or the layout of the sources needs. */
function tidy(reflection) {
  reflection.comment?.removeTags("@file");
  reflection.comment?.removeModifier("@function");
  reflection.comment?.removeModifier("@internal"); // no name of the root, but one of the engine
  if (reflection.parameters) {
    reflection.parameters = reflection.parameters.filter(({ name }) => name !== "this");
  }
}

export function load(app) {
  showCallablesAsFunctions();
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const { id } of Object.values(project.reflections)) {
      const reflection = project.getReflectionById(id);
      if (reflection === undefined) continue; // removed with a table
      tidy(reflection);
      tidyTable(project, reflection);
      tidyClass(project, reflection);
    }
    const names = importNames();
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const path = project.getSymbolIdFromReflection(module)?.fileName ?? "";
      const source = [...names.keys()].find((key) => path.endsWith(`packages/${key}`));
      if (!source) continue;
      module.name = names.get(source);
      module.comment = new Comment(text(sentence(path)));
      group(module, groupsOf(path));
    }
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      delete reflection.inheritedFrom;
      delete reflection.overwrites;
    }
  });
}
