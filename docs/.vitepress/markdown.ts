/**
 * @file What the site makes of blocks of code as it is built: ```` ```ts ```` can run, ```` ```dot ````
 * is drawn. Blocks fenced as `ts no-run` and `ts node` stay as they are.
 */
import type { MarkdownRenderer } from "vitepress";
import { drawing } from "../run/drawing.js";

const drawn = await drawing();

const OWNER =
  /^api\/(tensor\/(?:io|engine|cpu|gpu)|autograd\/(?:check|engine|viz)|\w+)\/(?:(\w+)\/)?/;

/** `api/tensor/io/…` is a page of `@isograd/tensor/io`, `api/nn/losses/…` of `@isograd/nn.losses`. */
function ownerOf(path: string): string | undefined {
  const [, entry, space] = OWNER.exec(path) ?? [];
  if (entry === undefined) return undefined;
  return `@isograd/${entry}${space === undefined ? "" : `.${space}`}`;
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
    if (info.trim() !== "ts") return html;
    const own = ownerOf(path);
    return `<div class="snippet"${own ? ` data-own="${own}"` : ""}>${html}</div>\n`;
  };
}
