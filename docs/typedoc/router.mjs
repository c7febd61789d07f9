/** @file Where the names of the API stand: the pages of `families.mjs`, and the anchors in them. */
import { posix } from "node:path";
import { DeclarationReflection, PageKind, ReflectionKind, Slugger } from "typedoc";
import { MemberRouter } from "typedoc-plugin-markdown";
import { layOut } from "./families.mjs";

/** Headings whose anchors no name may take. */
const SECTIONS = [
  "Parameters",
  "Returns",
  "Throws",
  "Example",
  "Examples",
  "Properties",
  "Methods",
];

export class FamilyRouter extends MemberRouter {
  /** What the theme shows on a page, by the page's model. */
  contents = new Map();
  /** The modules as they are laid out, for the index and the sidebar. */
  modules = [];

  parseChildPages(project, pages) {
    this.contents.clear();
    this.modules = project.children.map((module) => layOut(this.application, project, module));
    this.contents.set(project, { index: true });
    for (const laid of this.modules) {
      this.#page(laid.module, `${laid.folder}/index`, pages);
      this.contents.set(laid.module, { laid });
      if (laid.whole) this.#place(laid.module, laid.children);
      for (const page of laid.groups.flatMap((group) => group.pages)) this.#own(laid, page, pages);
    }
  }

  /** A link from the page of a model: names stand where the layout puts them, whatever holds them. */
  relativeUrl(from, to) {
    const [page] = this.getFullUrl(from).split("#");
    const [target, ...anchors] = this.getFullUrl(to).split("#");
    const anchor = anchors.length > 0 ? `#${anchors.at(-1)}` : "";
    if (page === target && anchor) return anchor;
    return `${posix.relative(posix.dirname(page), target)}${anchor}`;
  }

  /** A page of a name, or of a group, and the anchors of what stands on it. */
  #own(laid, page, pages) {
    const model = page.head ?? new DeclarationReflection(page.title, ReflectionKind.Module);
    if (!page.head) model.parent = laid.module.parent;
    const file = page.head?.kind === ReflectionKind.Namespace ? `${page.file}/index` : page.file;
    this.#page(model, `${laid.folder}/${file}`, pages);
    this.contents.set(model, { laid, page });
    page.url = this.fullUrls.get(model);
    if (page.head && page.head.kind !== ReflectionKind.Namespace) this.#children(model, model);
    this.#place(model, page.members.slice(page.head ? 1 : 0));
  }

  #page(model, name, pages) {
    const url = this.getFileName(name);
    this.fullUrls.set(model, url);
    const slugger = new Slugger(this.sluggerConfiguration);
    for (const title of [model.name, ...SECTIONS]) slugger.slug(title);
    this.sluggers.set(model, slugger);
    pages.push({ kind: PageKind.Reflection, model, url });
  }

  /** Gives members their places on the page of a model. */
  #place(model, members) {
    const slugger = this.sluggers.get(model);
    for (const member of members) {
      const anchor = slugger.slug(member.name);
      this.fullUrls.set(member, `${this.fullUrls.get(model)}#${anchor}`);
      this.anchors.set(member, anchor);
      this.sluggers.set(member, slugger);
      this.#children(member, member);
    }
  }

  #children(reflection, owner) {
    reflection.traverse((child) => {
      this.buildAnchors(child, owner);
      return true;
    });
  }
}
