/** @file VitePress's own theme in Isograd's colours, with blocks that run and the playground. */
import { onContentUpdated, type Theme, withBase } from "vitepress";
import base from "vitepress/theme";
import { leave, prepare } from "../../run/ui/snippets.js";
import "./style.css";
import "./snippets.css";
import "./playground.css";

/** Fills the page of the playground, once. */
async function playground(): Promise<void> {
  const root = document.querySelector<HTMLElement>("#playground:not([data-state])");
  if (root === null) return;
  root.dataset["state"] = "idle";
  const { openPlayground } = await import("../../run/ui/playground.js");
  await openPlayground(root, withBase);
}

const theme: Theme = {
  extends: base,
  enhanceApp({ router }) {
    router.onBeforeRouteChange = leave;
  },
  setup() {
    onContentUpdated(() => {
      prepare(document, withBase("/playground.html"));
      playground();
    });
  },
};

export default theme;
