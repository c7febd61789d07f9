/** @file How pages of the API look: an index with tables, or a name with the types it needs. */
import { ReflectionKind } from "typedoc";
import { MarkdownTheme, MarkdownThemeContext } from "typedoc-plugin-markdown";
import { indexPage, modulePage, namespacePage } from "./indexPages.mjs";
import { cell, importLine, sentenceOf } from "./words.mjs";

/** Values may have sections for their parameters; types have tables. */
const hasGroups = ({ kind, groups }) =>
  [ReflectionKind.Class, ReflectionKind.Interface].includes(kind) ||
  (kind === ReflectionKind.TypeAlias && groups);

/** One line that says what a class has from its base. */
function inherited(context, model) {
  if (!model.inherited?.length) return "";
  const base = model.inherited[0].parent;
  const names = model.inherited.filter(({ name }) => !name.startsWith("[")).map(({ name }) => name);
  const link = `[${base.name}](${context.urlTo(base)})`;
  if (names.length > 30) return `From ${link}: ${names.length} members.`;
  return `From ${link}: ${names.map((name) => `\`${name}\``).join(", ")}.`;
}

/** A name: its signature, what it does, its parameters, an example. */
function body(context, model, headingLevel) {
  const { partials } = context;
  const text = hasGroups(model)
    ? partials.memberWithGroups(model, { headingLevel })
    : partials.member(model, { headingLevel: headingLevel - 1 });
  return [text, inherited(context, model)].filter(Boolean).join("\n\n");
}

/** A section of a page that has several names. */
function section(context, model) {
  const title = `## ${model.name} {#${context.router.getAnchor(model)}}`;
  return [title, body(context, model, 3)].join("\n\n");
}

function symbolPage(context, { laid, page }) {
  const [head, ...rest] = page.members;
  const name = page.namespace?.name ?? head.name;
  const type = [ReflectionKind.Interface, ReflectionKind.TypeAlias].includes(head.kind);
  return [
    `# ${page.title}`,
    importLine(name, laid.module.name, type && !page.namespace),
    body(context, head, 2),
    ...rest.map((member) => section(context, member)),
  ].join("\n\n");
}

function groupPage(context, { laid, page }) {
  const { text } = laid.groups.find(({ title }) => title === page.title);
  const sections = page.members.map((member) => section(context, member));
  return [`# ${page.title}`, text, `Names of \`${laid.module.name}\`.`, ...sections].join("\n\n");
}

/** A page in full, without what VitePress reads before it. */
function contentOf(context, model) {
  const content = context.router.contents.get(model);
  if (content.index) return indexPage(context);
  const { laid, page } = content;
  if (page?.head?.kind === ReflectionKind.Namespace) return namespacePage(context, content);
  if (page?.group) return groupPage(context, content);
  if (page) return symbolPage(context, content);
  const whole = laid.whole ? laid.children.map((member) => section(context, member)) : [];
  return [modulePage(context, laid), ...whole].join("\n\n");
}

/** What a page says to search engines and to the search of the site. */
function frontmatter(context, model) {
  const { page } = context.router.contents.get(model);
  const description = page?.head && sentenceOf(context, page.head);
  const lines = description ? [`description: ${JSON.stringify(description)}`] : [];
  return ["---", ...lines, "editLink: false", "pageClass: api", "---"].join("\n");
}

/** The function of which a method of a tensor is another form. */
const functionOf = ({ name, parent }) =>
  parent.parent?.children?.find((one) => one.name === name && one.signatures);
const isOp = (model) => model.kind === ReflectionKind.Method && functionOf(model) !== undefined;

/** Methods that are functions too: one line each, where the page of the function says the rest. */
function opsTable(context, ops) {
  const rows = ops.map((op) => {
    const parameters = op.signatures[0].parameters ?? [];
    const list = parameters.map(({ name, flags }) => `${name}${flags.isOptional ? "?" : ""}`);
    const call = `[\`x.${op.name}(${list.join(", ")})\`](${context.urlTo(functionOf(op))})`;
    const anchor = `<a id="${context.router.getAnchor(op)}"></a>`;
    return `| ${anchor} ${call} | ${cell(sentenceOf(context, op))} |`;
  });
  return ["| Method of a tensor x | What it is |", "| --- | --- |", ...rows].join("\n");
}

class FamilyContext extends MarkdownThemeContext {
  constructor(...args) {
    super(...args);
    const { signatureReturns, hierarchy, members } = this.partials;
    this.partials.members = (models, options) => {
      const ops = models.filter(isOp);
      const own = members(
        models.filter((one) => !ops.includes(one)),
        options,
      );
      return ops.length > 0 ? `${own}\n\n${opsTable(this, ops)}` : own;
    };
    // The signature names the type; a section is for what there is to say about it.
    this.partials.signatureReturns = (model, options) => {
      const said = model.comment?.getTag("@returns");
      const details = this.helpers.hasUsefulTypeDetails(model.type);
      return said || details ? signatureReturns(model, options) : "";
    };
    this.partials.typeParametersTable = () => "";
    this.partials.hierarchy = (model, options) => {
      return model.isTarget ? "" : hierarchy(model, options);
    };
  }
}

export class FamilyTheme extends MarkdownTheme {
  getRenderContext(page) {
    return new FamilyContext(this, page, this.application.options);
  }

  reflectionTemplate = (page) => {
    const context = this.getRenderContext(page);
    const text = contentOf(context, page.model)
      // Parts of a section are no places of their own: not in the outline, nor in the search.
      .replace(/^#+ Type Parameters?\n+(?=#|$)/gm, "")
      .replace(/^#+ Extended by\n+(?:- .*\n)+/gm, "")
      .replace(/^#+ Constructor\n+/gm, "")
      .replace(/^(#+ Constructor)s$/gm, "$1")
      .replace(/^#{3,} ([^{}\n]*)$/gm, "**$1**");
    return `${frontmatter(context, page.model)}\n\n${text}`;
  };
}
