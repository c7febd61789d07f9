/**
 * @file What the source of an entry point says about itself: its import name, the comment that
 * opens it, and the groups of its exports.
 */
import { readdirSync, readFileSync } from "node:fs";

const packages = new URL("../../packages/", import.meta.url);

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

/** The comment that opens a source: its `@file` text, an example, and pages of the guide. */
function opening(source) {
  const [comment = ""] = /^\/\*\*[\s\S]*?\*\//.exec(source) ?? [];
  const body = comment.replace(/^\/\*\*|\*\/$/g, "").replace(/^[ \t]*\* ?/gm, "");
  const [file = "", ...tags] = body.split(/^\s*@(?=\w)/m).slice(1);
  const tagged = (name) =>
    tags.filter((tag) => tag.startsWith(name)).map((tag) => tag.slice(name.length).trim());
  return {
    lead: file.replace(/^file/, "").trim(),
    example: tagged("example")[0],
    see: tagged("see"),
  };
}

/** The groups of an entry point: a line `// Title: sentence.`, an empty one, then exports. */
function groupsOf(source) {
  const found = source.matchAll(/^\/\/ ([A-Z][\w ,-]*): (.*)\n\n((?:export [^;]*;\n)+)/gm);
  return [...found].map(([, title, sentence, exports]) => {
    const lists = [...exports.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) => list.split(","));
    const names = lists.map((name) => name.replace(/^\s*type |^.* as /, "").trim());
    const text = `${sentence[0].toUpperCase()}${sentence.slice(1)}`;
    return { title, text, names: new Set(names.filter(Boolean)) };
  });
}

const names = importNames();

/** The import name of an entry point; undefined for other sources. */
export function importName(path) {
  const source = [...names.keys()].find((key) => path.endsWith(`packages/${key}`));
  return source && names.get(source);
}

/** What an entry point says: lead, example, pages of the guide, groups. */
export function entryPoint(path) {
  const source = readFileSync(path, "utf8");
  return { ...opening(source), groups: groupsOf(source) };
}
