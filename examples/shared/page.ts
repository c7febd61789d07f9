/** @file Pages of examples: one HTML file with everything in it. Knows no example. */

/** Styles of a page, light and dark. */
const CSS = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee6; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #9aa4b2; --line: #2c3543; --paper: #12161d; }
}
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 720px; margin: 0 auto; padding: 32px 20px 80px; }
h1 { font-size: 28px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 40px 0 8px; }
p.lead, figcaption, footer { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin: 12px 0;
  font-variant-numeric: tabular-nums; }
th, td { padding: 6px 8px; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
th { font-weight: 600; color: var(--soft); font-size: 14px; }
figure { margin: 16px 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; font: 12px system-ui, sans-serif; overflow: visible; }
figcaption { font-size: 14px; } .three { display: flex; flex-wrap: wrap; gap: 8px; }
.three svg { width: 220px; }`;

/** A table whose first column names rows. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((c) => `<${tag}>${safe(c)}</${tag}>`).join("")}</tr>`;
  return `<table>${cells(head, "th")}${rows.map((row) => cells(row, "td")).join("")}</table>`;
}

/** Text as HTML. */
export function safe(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A picture (SVG) with what it shows. */
export function figure(picture: string, caption: string): string {
  return `<figure>${picture}<figcaption>${safe(caption)}</figcaption></figure>`;
}

/** The page, self-contained: no script, no link to elsewhere. */
export function htmlPage(title: string, lead: string, body: string, footer: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${safe(title)}</title><style>${CSS}</style></head><body>
<h1>${safe(title)}</h1>
<p class="lead">${safe(lead)}</p>
${body}
<footer><p>${footer}</p></footer>
</body></html>
`;
}
