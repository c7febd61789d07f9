/** @file Graphs in Graphviz's language as SVG that takes the colours of its page. */
import { instance } from "@viz-js/viz";

const font = { fontname: "Helvetica", fontsize: 12 };
const attributes = {
  graphAttributes: { ...font, bgcolor: "transparent", labeljust: "l", ranksep: 0.3 },
  nodeAttributes: { ...font, height: 0.35, margin: "0.2,0.05" },
  edgeAttributes: { arrowsize: 0.7 },
};

/** Loads Graphviz; the result draws a graph, or throws what is wrong with its text. */
export async function drawing(): Promise<(dot: string) => string> {
  const graphviz = await instance();
  return (dot) => {
    const svg = graphviz.renderString(dot, { format: "svg", ...attributes });
    return svg
      .slice(svg.indexOf("<svg"))
      .replace(/<!--[\s\S]*?-->\n?|<title>[\s\S]*?<\/title>\n?/g, "") // names such as n0
      .replace(/ id="[^"]*"/g, "") // the same in each graph of a page
      .replace(/ (stroke|fill)="black"/g, ' $1="currentColor"')
      .replace(/<text /g, '<text fill="currentColor" ')
      .replace(/ font-family="[^"]*"/g, "");
  };
}
