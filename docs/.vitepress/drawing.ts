/** @file Graphs in Graphviz's language, drawn as the site is built: blocks ```` ```dot ````. */
import { instance } from "@viz-js/viz";
import type { MarkdownRenderer } from "vitepress";

const graphviz = await instance();
const font = { fontname: "Helvetica", fontsize: 12 };
const attributes = {
  graphAttributes: { ...font, bgcolor: "transparent", labeljust: "l", ranksep: 0.3 },
  nodeAttributes: { ...font, height: 0.35, margin: "0.2,0.05" },
  edgeAttributes: { arrowsize: 0.7 },
};

/** A graph as SVG that takes the colours of the page. */
function drawn(dot: string): string {
  const svg = graphviz.renderString(dot, { format: "svg", ...attributes });
  const own = svg
    .slice(svg.indexOf("<svg"))
    .replace(/<!--[\s\S]*?-->\n?|<title>[\s\S]*?<\/title>\n?/g, "") // names such as n0
    .replace(/ id="[^"]*"/g, "") // the same in each graph of a page
    .replace(/ (stroke|fill)="black"/g, ' $1="currentColor"')
    .replace(/<text /g, '<text fill="currentColor" ')
    .replace(/ font-family="[^"]*"/g, "");
  return `<figure class="drawing" v-pre>${own}</figure>\n`;
}

/** Draws the blocks of a page that are graphs; others stay code. */
export function drawGraphs({ renderer }: MarkdownRenderer): void {
  const { fence } = renderer.rules;
  renderer.rules.fence = (tokens, i, ...rest) => {
    const { info = "", content = "" } = tokens[i] ?? {};
    return info === "dot" ? drawn(content) : (fence?.(tokens, i, ...rest) ?? "");
  };
}
