/** @file The table of environments as the guide shows it. */

const BEGIN = "<!-- environments -->";
const END = "<!-- end -->";

/** The page with the table of these results. */
export function table(page, rows) {
  const lines = rows.map(({ environment, version, ran, result }) => {
    return `| ${environment} | ${version} | ${ran} | ${result} |`;
  });
  const head = ["| environment | version | what ran | result |", "| --- | --- | --- | --- |"];
  const text = [BEGIN, "", ...head, ...lines, "", END].join("\n");
  return page.replace(new RegExp(`${BEGIN}[\\s\\S]*?${END}`), () => text);
}
