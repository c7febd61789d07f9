/** @file Pictures with their text below them, where all can read it. */
import type { MarkdownRenderer } from "vitepress";

/** The text is that of the picture itself, so those who hear a page hear it once. */
export function captionPictures({ renderer, utils }: MarkdownRenderer): void {
  const { image } = renderer.rules;
  renderer.rules.image = (tokens, i, options, env, self) => {
    const html = image?.(tokens, i, options, env, self) ?? "";
    const text = utils.escapeHtml(tokens[i]?.content ?? "");
    return `<span class="captioned">${html}<span aria-hidden="true">${text}</span></span>`;
  };
}
