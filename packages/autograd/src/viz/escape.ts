/** @file Names as text of Graphviz, of Mermaid and of tables: no character of them is syntax. */

const LINES = /\r\n?|[\n\u2028\u2029]/gu;

/**
 * Inside of a quoted label of DOT: `\"` is a quote, `\\` a backslash, `\n` a new line, and `&`
 * begins an entity. Source: https://graphviz.org/doc/info/lang.html and
 * https://graphviz.org/docs/attr-types/escString/.
 */
export function inDot(text: string): string {
  return text
    .replace(/["\\]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replace(LINES, "\\n")
    .replace(/\p{Cc}/gu, "\ufffd"); // a zero would end the file
}

/**
 * Inside of a quoted label of Mermaid, which reads HTML, Markdown and directives there: all signs
 * but those of shapes and numbers become `#code;`. Source:
 * https://mermaid.js.org/syntax/flowchart.html, "Entity codes to escape characters".
 */
export function inMermaid(text: string): string {
  const lines = text.split(LINES);
  // of signs, `[2, 3]`, a point within a number and `_` within a word are left as they are
  const signs =
    /(?![ ,[\]])[\p{Cc} -~](?<![\p{L}\p{N}])(?<!\d\.(?=\d))(?<![A-Za-z\d]_(?=[A-Za-z\d]))/gu;
  return lines.map((line) => line.replace(signs, (c) => `#${c.charCodeAt(0)};`)).join("<br>");
}

/** On one line of a table. */
export function onLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (c) => {
    const known = JSON.stringify(c).slice(1, -1);
    return known === c ? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}` : known;
  });
}
