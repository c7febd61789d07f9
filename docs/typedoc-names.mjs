/** @file TypeDoc plugin: modules carry the name one imports, and their `@file` sentence introduces them. */
import { readdirSync, readFileSync } from "node:fs";
import { Comment, Converter, ReflectionKind } from "typedoc";

const packages = new URL("../packages/", import.meta.url);

/** Source file below packages → import name: `tensor/src/io/index.ts` → `@isograd/tensor/io`. */
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
  const [, text = ""] =
    /^\/\*\*\s*(?:\*\s*)?@file\s+([\s\S]*?)\s*\*\//.exec(readFileSync(path, "utf8")) ?? [];
  return text.replace(/\s*\n\s*\*\s*/g, " ");
}

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const names = importNames();
    for (const { comment } of Object.values(project.reflections)) comment?.removeTags("@file");
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const path = project.getSymbolIdFromReflection(module)?.fileName ?? "";
      const source = [...names.keys()].find((key) => path.endsWith(`packages/${key}`));
      if (!source) continue;
      module.name = names.get(source);
      module.comment = new Comment([{ kind: "text", text: sentence(path) }]);
    }
  });
}
