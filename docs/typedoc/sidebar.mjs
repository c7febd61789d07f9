/** @file What the sidebar needs of the API, as a file: packages, groups, names and their places. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const place = (url) => `/api/${url.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`;

/** Writes `sidebar.json` beside the pages. */
export async function writeSidebar(router, options) {
  const modules = router.modules.map(({ module, folder, groups, whole }) => {
    const items = groups.map(({ title, pages }) => ({
      text: title,
      items: pages.map((page) => ({ text: page.title, link: place(page.url) })),
    }));
    const full = whole ? [] : items.filter((group) => group.items.length > 0);
    return { text: module.name, link: `/api/${folder}/`, items: full };
  });
  await writeFile(join(options.getValue("out"), "sidebar.json"), JSON.stringify(modules));
}
