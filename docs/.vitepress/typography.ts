/** @file Keeps together what must not be parted at the end of a line: `3.7 ms`, `± 0.3`, `2e-7`, `--quick`. */
import type { MarkdownRenderer } from "vitepress";

const NBSP = "\u00a0";
const JOINER = "\u2060";
const UNITS = /(\d) (?=(?:%|[mµn]?s|[kMG]?B|[kM]?px|kcal|meV|Å|K|GFLOP\/s)(?![\w]))/g;

/** A text in which numbers stay beside their units, and exponents beside their numbers. */
export const together = (text: string): string =>
  text
    .replace(UNITS, `$1${NBSP}`)
    .replace(/± (?=\d)/g, `±${NBSP}`)
    .replace(/(\d) (?=±)/g, `$1${NBSP}`)
    .replace(/(\de)-(?=\d)/g, `$1-${JOINER}`);

/** Words of code with a hyphen, short enough to stand on one line. */
const HYPHENED = /(?<=>|^|\s)[^\s<>]*-[^\s<>]*(?=<|$|\s)/g;
const whole = (code: string): string =>
  code.replace(HYPHENED, (word) =>
    word.length > 24 ? word : `<span style="white-space:nowrap">${word}</span>`,
  );

/** Holds the texts and the inline code of a page together. */
export function keepTogether({ renderer }: MarkdownRenderer): void {
  const { text, code_inline: code } = renderer.rules;
  renderer.rules.text = (...args) => together(text?.(...args) ?? "");
  renderer.rules.code_inline = (...args) => {
    const html = code?.(...args) ?? "";
    const start = html.indexOf(">") + 1;
    const end = html.lastIndexOf("<");
    return html.slice(0, start) + whole(html.slice(start, end)) + html.slice(end);
  };
}
