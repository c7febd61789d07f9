/** @file Pages that list names: of all packages, of a package, of a namespace such as losses. */
import { ReflectionKind } from "typedoc";
import { cell, firstSentence, importLine, sentenceOf } from "./words.mjs";

const isType = ({ kind }) => kind === ReflectionKind.Interface || kind === ReflectionKind.TypeAlias;
const byName = (a, b) => a.localeCompare(b, "en", { sensitivity: "base" });

/** What an entry point shows again from another one stands there. */
const targetOf = (model) => (model.isReference?.() ? model.getTargetReflectionDeep() : model);

/** A name as a link. */
const link = (context, model, title = model.name) =>
  `[\`${title}\`](${context.urlTo(targetOf(model))})`;

function table(context, rows) {
  const lines = rows.map(([model, title]) => {
    const text = cell(sentenceOf(context, targetOf(model)));
    return `| ${link(context, model, title)} | ${text || "—"} |`;
  });
  return ["| Name | What it is |", "| --- | --- |", ...lines].join("\n");
}

/** The rows of a group: its values, and below them its types in one line. */
function listing(context, group, spaces) {
  const title = (one) => spaces.get(one) ?? one.name;
  const values = group.filter((one) => !isType(one));
  const types = group.filter((one) => isType(one) && !spaces.has(one));
  values.sort((a, b) => byName(title(a), title(b)));
  const parts = [];
  const rows = values.length > 0 ? values : types;
  if (rows.length > 0)
    parts.push(
      table(
        context,
        rows.map((one) => [one, title(one)]),
      ),
    );
  if (values.length > 0 && types.length > 0) {
    parts.push(`Types: ${types.map((one) => link(context, one)).join(", ")}.`);
  }
  return parts.join("\n\n");
}

/** The members of a group; a namespace stands for what is in it. */
function membersOf({ members }) {
  const spaces = new Map();
  const all = members.flatMap((one) => {
    if (one.kind !== ReflectionKind.Namespace) return [one];
    const own = one.children.filter((child) => !child.isReference?.());
    for (const child of own) spaces.set(child, `${one.name}.${child.name}`);
    return own;
  });
  return { all, spaces };
}

/** A package, or an entry point of one: what it is for, an example, its names by groups. */
export function modulePage(context, { module, entry, groups, whole, children }) {
  const parts = [`# ${module.name}`, entry.lead];
  if (entry.example) parts.push(`\`\`\`ts\n${entry.example}\n\`\`\``);
  if (entry.see.length > 0) parts.push(`Guide: ${entry.see.join(" · ")}`);
  if (whole) return [...parts, listing(context, children, new Map())].join("\n\n");
  for (const group of groups) {
    const { all, spaces } = membersOf(group);
    parts.push(`## ${group.title}`, group.text, listing(context, all, spaces));
  }
  return parts.filter(Boolean).join("\n\n");
}

/** A namespace: its members in a table. */
export function namespacePage(context, { laid, page }) {
  const { head } = page;
  const title = (one) => `${head.name}.${one.name}`;
  const values = head.children.filter((one) => !isType(one));
  return [
    `# ${head.name}`,
    laid.groups.find(({ members }) => members.includes(head))?.text ?? "",
    importLine(head.name, laid.module.name),
    table(
      context,
      values.map((one) => [one, title(one)]),
    ),
  ].join("\n\n");
}

/** All packages and entry points, each with its first sentence. */
export function indexPage(context) {
  const rows = context.router.modules.map(({ module, entry }) => {
    const name = `[\`${module.name}\`](${context.urlTo(module)})`;
    return `| ${name} | ${cell(firstSentence(entry.lead.split(/\n\s*\n/)[0]))} |`;
  });
  return [
    "# API",
    INTRODUCTION,
    ["| Import | What it is for |", "| --- | --- |", ...rows].join("\n"),
  ].join("\n\n");
}

const INTRODUCTION = `Each name has a page with its signature, what it does and throws, and an
example, which the tests run. The search of the site finds names and pages of the guide.`;
