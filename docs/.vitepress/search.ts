/**
 * @file What the search of the site finds: pages and names, not parts such as "Returns"; first the
 * name that is typed, then pages of the guide. The functions of `miniSearch` run in the browser too,
 * from their source: they use nothing outside of themselves.
 */
import type { DefaultTheme, MarkdownEnv } from "vitepress";

interface Section {
  readonly anchor: string;
  readonly titles: string[];
  readonly text: string;
}

/** As much of markdown-it as is needed here. */
interface Renderer {
  readonly options: { highlight?: unknown };
  render(src: string, env: MarkdownEnv): string;
}

/** Headings that are parts of what is above them, wherever they stand. */
const PARTS = new Set(
  ["Parameters", "Returns", "Throws", "Example", "Examples", "Properties", "Methods", "Extends"]
    .concat(["Constructor", "Accessors", "Call Signature", "Type Declaration", "See"])
    .concat(["Implements", "Union Members", "Indexable"]),
);

const plain = (html: string): string =>
  html
    .replace(/<[^>]*>/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replace(/&#8203;|\u200b/g, "")
    .replace(/\s+/g, " ")
    .trim();

/** The page as HTML, without what nobody looks for: programs, drawings, signatures. */
function render(src: string, env: MarkdownEnv, md: Renderer): string {
  const { highlight } = md.options;
  md.options.highlight = null; // colours take most of the time
  try {
    const html = md.render(src, env);
    if (env.frontmatter?.["search"] === false) return "";
    return html.replace(/<(pre|figure|svg|blockquote)\b[\s\S]*?<\/\1>/g, " ");
  } finally {
    md.options.highlight = highlight;
  }
}

const HEADING = /<h([1-6]) id="([^"]*)"[^>]*>([\s\S]*?)<a class="header-anchor"[\s\S]*?<\/h\1>/g;

/** What stands above a page in the API: its package; above an index, the API. */
function aboveOf(path: string): string[] {
  const [, folder, file] = /\/api\/(?:(.*)\/)?([^/]*)$/.exec(path) ?? [];
  if (file === undefined) return [];
  const space = /^nn\/\w+$/.test(folder ?? ""); // losses, schedules, initialisers
  return file === "index.md" && !space ? ["API"] : [`@isograd/${space ? "nn" : folder}`];
}

/** The sections of a page. In the API, pages and sections stand below the package they are of. */
function* sectionsOf(path: string, html: string): Generator<Section> {
  const above = aboveOf(path);
  const found = [...html.matchAll(HEADING)].map((match) => ({
    level: Number(match[1]),
    anchor: match[2] ?? "",
    title: plain(match[3] ?? "").replace(/\(\)$/, ""),
    from: match.index,
    to: match.index + match[0].length,
  }));
  const headings = found.filter(({ title }, i) => i === 0 || !PARTS.has(title));
  const titles: string[] = [];
  for (const [i, { level, anchor, title, to }] of headings.entries()) {
    titles.length = Math.min(titles.length, level - 1);
    titles[level - 1] = title;
    const text = plain(html.slice(to, headings[i + 1]?.from));
    const most = above.length === 0 ? Infinity : level < 3 ? 800 : 100;
    yield { anchor, titles: [...above, ...titles.filter(Boolean)], text: text.slice(0, most) };
  }
}

/** A word and its stem. Numbers are not looked for. */
function searchTerm(word: string): string[] | null {
  if (/^[\d.,−±×%|+-]*$/.test(word)) return null;
  const lower = word.toLowerCase();
  return [...new Set([lower, lower.replace(/(?<=...)(?:ings?|ed|es|s|e)$/, "")])];
}

/** The words of a name too, and their stems: "cross entropy" finds `crossEntropy`. */
function indexTerm(word: string): string[] | null {
  if (/^[\d.,−±×%|+-]*$/.test(word)) return null;
  const parts = word.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*/g) ?? [];
  const words = [word, ...(parts.length > 1 ? parts.filter((part) => part.length > 2) : [])];
  const lower = words.map((one) => one.toLowerCase());
  const stems = lower.map((one) => one.replace(/(?<=...)(?:ings?|ed|es|s|e)$/, ""));
  return [...new Set([...lower, ...stems])];
}

interface Hit {
  readonly id: string;
  readonly queryTerms: readonly string[];
  readonly title?: string;
  readonly titles?: readonly string[];
  score: number;
}

/**
 * A name that is what was typed comes first, then pages, then sections, last members of classes.
 * MiniSearch asks this of each result before it sorts them, and tells nothing else what was typed.
 */
function rank(hit: Hit): boolean {
  const title = (hit.title ?? "").toLowerCase();
  const above = hit.titles?.length ?? 0;
  const words = hit.queryTerms.filter((one, i, all) => !all[i - 1]?.startsWith(one)); // no stems
  const names = [title.replace(/\W/g, ""), title.split(".")[1]];
  const exact = names.includes(words.join(""));
  const inside = /\/api\/(?:tensor|autograd)\/(?:engine|cpu|gpu)\//.test(hit.id);
  const [likely, sure] = hit.id.includes("/api/")
    ? [[1.5, 1.5, 0.2][above] ?? 0.1, [8, 8, 3][above] ?? 0.1]
    : [above === 0 ? 3 : 1.5, above === 0 ? 10 : 3];
  hit.score *= (exact ? sure : likely) * (inside ? 0.2 : 1);
  return true;
}

export const search: NonNullable<DefaultTheme.Config["search"]> = {
  provider: "local",
  options: {
    // The name of the button is what the eye reads on it, the key included.
    translations: { button: { buttonText: "Search ", buttonAriaLabel: "Search K" } },
    _render: render,
    miniSearch: {
      options: { processTerm: indexTerm },
      searchOptions: {
        processTerm: searchTerm,
        filter: rank as never, // its types know less of a result than there is
        fuzzy: 0.15,
        weights: { prefix: 0.2, fuzzy: 0.2 },
        boost: { title: 5, titles: 1, text: 1 },
      },
      _splitIntoSections: sectionsOf,
    },
  },
};
