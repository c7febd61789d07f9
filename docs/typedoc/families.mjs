/**
 * @file Which page shows which name: one for each value, with the types that only it takes or
 * gives; in entry points for those who extend the engine one for each group.
 */
import { ReflectionKind } from "typedoc";
import { entryPoint } from "./entries.mjs";

/** Entry points in which a group is a page, and those which are one page. */
const BY_GROUP = ["@isograd/tensor/engine"];
const WHOLE = ["tensor/cpu", "tensor/gpu", "autograd/engine"].map((name) => `@isograd/${name}`);

/** The index of a folder, and pages for names that differ from another one by their case alone. */
const FILES = { Tensor: "tensor-class" };

const isType = ({ kind }) => kind === ReflectionKind.Interface || kind === ReflectionKind.TypeAlias;

/** The ids of what a declaration names in its types; of a class, without its base. */
function mentions(app, reflection) {
  const { extendedTypes: _, ...rest } = app.serializer.toObject(reflection);
  const ids = JSON.stringify(rest).matchAll(/"target":(\d+)/g);
  return new Set([...ids].map(([, id]) => Number(id)));
}

/** The value whose page shows a type: the first of its own file that names it, or the only one. */
function userOf(type, values, named, source) {
  const users = values.filter((one) => named.get(one).has(type.id));
  const near = users.filter((one) => source(one) === source(type));
  return near[0] ?? (users.length === 1 ? users[0] : undefined);
}

/** Each type that only one value takes or gives, with that value. */
function homes(app, project, children) {
  const source = (one) => project.getSymbolIdFromReflection(one)?.fileName;
  const named = new Map(children.map((one) => [one, mentions(app, one)]));
  const values = children.filter((one) => !isType(one) && one.kind !== ReflectionKind.Namespace);
  const home = new Map();
  const settle = (type, value) => value && home.set(type, value);
  for (const type of children.filter(isType)) settle(type, userOf(type, values, named, source));
  for (let before = -1; before < home.size; ) {
    before = home.size;
    for (const type of children.filter((one) => isType(one) && !home.has(one))) {
      const users = children.filter((one) => one !== type && named.get(one).has(type.id));
      const pages = new Set(users.map((one) => (isType(one) ? home.get(one) : one)));
      if (pages.size === 1) settle(type, [...pages][0]);
    }
  }
  return home;
}

/** Values that differ by their case alone share a page: `ema` and `Ema`. */
function joinCases(values, home) {
  const first = new Map();
  for (const value of [...values].sort((a, b) => (a.name > b.name ? -1 : 1))) {
    const key = value.name.toLowerCase();
    if (value.name in FILES) continue;
    if (first.has(key)) home.set(value, first.get(key));
    else first.set(key, value);
  }
}

/** The pages of the names of one module or namespace: what heads it, then what stands below it. */
function pagesOf(app, project, children) {
  const home = homes(app, project, children);
  joinCases(
    children.filter((one) => !isType(one)),
    home,
  );
  const root = (one) => (home.has(one) ? root(home.get(one)) : one);
  const heads = children.filter((one) => !home.has(one));
  return heads.map((head) => ({
    head,
    file: FILES[head.name] ?? head.name,
    title: head.name,
    members: [head, ...children.filter((one) => one !== head && root(one) === head)],
  }));
}

/** A namespace such as losses, whose members have pages in a folder of its name. */
function pagesOfNamespace(app, project, namespace) {
  const own = namespace.children.filter((one) => !one.isReference?.());
  const pages = pagesOf(app, project, own);
  return pages.map((page) => ({
    ...page,
    namespace,
    file: `${namespace.name}/${page.file}`,
    title: `${namespace.name}.${page.title}`,
  }));
}

const slug = (title) => title.toLowerCase().replace(/\W+/g, "-");

/** The groups of a module, each with its pages. */
export function layOut(app, project, module) {
  const path = project.getSymbolIdFromReflection(module).fileName;
  const { groups, ...entry } = entryPoint(path);
  const folder = module.name.replace(/^@isograd\//, "");
  const children = module.children.filter((one) => !one.isReference?.());
  const whole = WHOLE.includes(module.name);
  const pages = whole ? [] : pagesOf(app, project, children);
  const laid = groups.map(({ title, text, names }) => {
    const has = ({ name }) => names.has(name);
    const members = module.children.filter(has);
    if (BY_GROUP.includes(module.name)) {
      return { title, text, members, pages: [{ file: slug(title), title, members, group: true }] };
    }
    const own = pages.filter(({ head }) => has(head));
    const below = own.flatMap(({ head }) =>
      head.kind === ReflectionKind.Namespace ? pagesOfNamespace(app, project, head) : [],
    );
    return { title, text, members, pages: [...own, ...below] };
  });
  const alone = module.children.filter(({ name }) => !groups.some(({ names }) => names.has(name)));
  if (!whole && alone.length > 0) {
    const list = alone.map(({ name }) => name).join(", ");
    app.logger.error(`${module.name}: no group has ${list}; see the comments in ${path}`);
  }
  return { module, folder, entry, whole, children, groups: laid };
}
