/**
 * @file What the site makes of blocks of code as it is built: ```` ```ts ```` can run, ```` ```dot ````
 * is drawn. Blocks fenced as `ts no-run` and `ts node` stay as they are.
 */
import type { MarkdownRenderer } from "vitepress";
import { drawing } from "../run/drawing.js";

const drawn = await drawing();

type Tokens = Parameters<NonNullable<MarkdownRenderer["renderer"]["rules"]["fence"]>>[0];

/** The text of the heading above a token. */
function headingAbove(tokens: Tokens, i: number): string {
  const at = tokens.findLastIndex(({ type }, place) => place < i && type === "heading_open");
  return tokens[at + 1]?.content ?? "";
}

/** `api/@isograd/tensor/io/…` is a page of `@isograd/tensor/io`. */
const ownerOf = (path: string) =>
  /^api\/(@isograd\/(?:tensor\/(?:io|engine|cpu|gpu)|autograd\/(?:check|engine|viz)|\w+))/.exec(
    path,
  )?.[1];

/** Whether a block is a program: of the reference, only examples are. */
function runs(info: string, path: string, heading: string): boolean {
  return info.trim() === "ts" && (!path.startsWith("api/") || heading.startsWith("Example"));
}

/** Prepares the blocks of a page. */
export function prepareBlocks({ renderer }: MarkdownRenderer): void {
  const { fence } = renderer.rules;
  renderer.rules.fence = (tokens, i, options, env, self) => {
    const { info = "", content = "" } = tokens[i] ?? {};
    if (info === "dot") {
      const dot = encodeURIComponent(content);
      return `<figure class="drawing" data-dot="${dot}" v-pre>${drawn(content)}</figure>\n`;
    }
    const html = fence?.(tokens, i, options, env, self) ?? "";
    const path = String(env.relativePath ?? "");
    if (!runs(info, path, headingAbove(tokens, i))) return html;
    const own = ownerOf(path);
    return `<div class="snippet"${own ? ` data-own="${own}"` : ""}>${html}</div>\n`;
  };
}
