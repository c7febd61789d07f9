/**
 * @file What the site makes of blocks of code as it is built: ```` ```ts ```` can run, ```` ```dot ````
 * is drawn. Blocks fenced as `ts no-run` and `ts node` stay as they are.
 */
import type { MarkdownRenderer } from "vitepress";
import { drawing } from "../run/drawing.js";

const drawn = await drawing();

/** `api/tensor/io/…` is a page of `@isograd/tensor/io`. */
const ownerOf = (path: string) =>
  path
    .match(/^api\/(tensor\/(?:io|engine|cpu|gpu)|autograd\/(?:check|engine|viz)|\w+)\//)?.[1]
    ?.replace(/^/, "@isograd/");

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
    if (info.trim() !== "ts") return html;
    const own = ownerOf(path);
    return `<div class="snippet"${own ? ` data-own="${own}"` : ""}>${html}</div>\n`;
  };
}
