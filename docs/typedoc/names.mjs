/**
 * @file TypeDoc plugin: modules show their import name; ops, which are constants with a call
 * signature, appear as functions; classes leave out what they inherit; each name has a page of its
 * own, laid out by `families.mjs`, `router.mjs` and `theme.mjs`.
 */
import { Comment, Context, Converter, IntrinsicType, ReflectionKind } from "typedoc";
import { importName } from "./entries.mjs";
import { FamilyRouter } from "./router.mjs";
import { writeSidebar } from "./sidebar.mjs";
import { FamilyTheme } from "./theme.mjs";

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

/** Removes members that are called by the language alone, such as `[Symbol.dispose]`. */
function tidySymbols(project, reflection) {
  if (!reflection.name.startsWith("[") || !reflection.kindOf(ReflectionKind.Method)) return;
  if (reflection.signatures?.every(({ comment }) => !comment)) project.removeReflection(reflection);
}

/**
 * Takes from a class what the page of its base says: `inherited` keeps the names. Options show all
 * of their fields in one table, so interfaces lose methods only.
 */
function withoutInherited(reflection) {
  const isClass = reflection.kind === ReflectionKind.Class;
  const ofBase = ({ kind, inheritedFrom }) =>
    inheritedFrom?.reflection &&
    (isClass ? kind !== ReflectionKind.Constructor : kind === ReflectionKind.Method);
  const inherited = reflection.children?.filter(ofBase) ?? [];
  if (inherited.length === 0) return;
  reflection.inherited = inherited.map((child) => child.inheritedFrom.reflection);
  const own = (child) => !inherited.includes(child);
  reflection.children = reflection.children.filter(own);
  for (const group of reflection.groups ?? []) group.children = group.children.filter(own);
  reflection.groups = reflection.groups?.filter(({ children }) => children.length > 0);
}

/** Before links are resolved. */
function prepare({ project }) {
  for (const { id } of Object.values(project.reflections)) {
    const reflection = project.getReflectionById(id);
    if (reflection === undefined) continue; // removed with a table
    tidy(reflection);
    tidyTable(project, reflection);
    tidyClass(project, reflection);
    tidySymbols(project, reflection);
  }
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    const path = project.getSymbolIdFromReflection(module)?.fileName ?? "";
    module.name = importName(path) ?? module.name;
    module.comment = new Comment();
  }
}

/** After everything else: inherited methods that stay look like all others. */
function finish({ project }) {
  const kinds = ReflectionKind.Class | ReflectionKind.Interface;
  for (const one of project.getReflectionsByKind(kinds)) withoutInherited(one);
  for (const reflection of Object.values(project.reflections)) {
    delete reflection.inheritedFrom;
    delete reflection.overwrites;
  }
}

export function load(app) {
  showCallablesAsFunctions();
  app.renderer.defineRouter("family", FamilyRouter);
  app.renderer.defineTheme("family", FamilyTheme);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, prepare);
  app.converter.on(Converter.EVENT_RESOLVE_END, finish, -1000);
  app.renderer.postRenderAsyncJobs.push(() => writeSidebar(app.renderer.router, app.options));
}
