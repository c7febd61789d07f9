/**
 * @file TypeDoc plugin: modules show their import name and their `@file` sentence; ops, which are
 * constants with a call signature, appear as functions; inherited methods look like all others.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Comment, Context, Converter, ReflectionKind } from "typedoc";

const packages = new URL("../packages/", import.meta.url);

/** Source file below packages → import name: `tensor/src/api/io.ts` → `@isograd/tensor/io`. */
function importNames() {
  const names = new Map();
  for (const folder of readdirSync(packages)) {
    const file = new URL(`${folder}/package.json`, packages);
    const { name, exports } = JSON.parse(readFileSync(file, "utf8"));
    for (const [path, entry] of Object.entries(exports)) {
      const source = entry["isograd-source"].slice(2);
      names.set(`${folder}/${source}`, `${name}${path.slice(1)}`);
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
    for (const reflection of Object.values(project.reflections)) tidy(reflection);
    const names = importNames();
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const path = project.getSymbolIdFromReflection(module)?.fileName ?? "";
      const source = [...names.keys()].find((key) => path.endsWith(`packages/${key}`));
      if (!source) continue;
      module.name = names.get(source);
      module.comment = new Comment([{ kind: "text", text: sentence(path) }]);
    }
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      delete reflection.inheritedFrom;
      delete reflection.overwrites;
    }
  });
}
