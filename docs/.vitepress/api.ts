/** @file The sidebar of the API: packages, and of the one that is open its groups and names. */
import { existsSync, readFileSync } from "node:fs";
import type { DefaultTheme } from "vitepress";

type Item = DefaultTheme.SidebarItem;
interface Module {
  readonly text: string;
  readonly link: string;
  readonly items: readonly { readonly text: string; readonly items: Item[] }[];
}

/** Where the list of a group stands on the page of its package. */
const anchorOf = (group: string): string => group.toLowerCase().replace(/\W+/g, "-");

/** What TypeDoc wrote beside its pages. */
function written(): readonly Module[] {
  const file = new URL("../api/sidebar.json", import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

/** A sidebar for each folder: with all names in each, pages would weigh ten times as much. */
export function apiSidebars(): Record<string, Item[]> {
  const modules = written();
  const sidebar = (open?: Module): Item[] => [
    {
      text: "Packages",
      items: modules.map(({ text, link, items }) => {
        const groups = items.map((group) => {
          return { ...group, link: `${link}#${anchorOf(group.text)}`, collapsed: true };
        });
        return text === open?.text && groups.length > 0
          ? { text, link, items: groups }
          : { text, link };
      }),
    },
  ];
  const folders = modules.map((one) => [one.link, sidebar(one)] as const);
  return Object.fromEntries([["/api/", sidebar()], ...folders]);
}
