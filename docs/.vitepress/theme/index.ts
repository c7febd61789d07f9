/** @file VitePress's own theme in Isograd's colours, with blocks that run. */
import { onContentUpdated, type Theme } from "vitepress";
import base from "vitepress/theme";
import { leave, prepare } from "../../run/ui/snippets.js";
import "./style.css";
import "./snippets.css";

const theme: Theme = {
  extends: base,
  enhanceApp({ router }) {
    router.onBeforeRouteChange = leave;
  },
  setup() {
    onContentUpdated(() => prepare(document));
  },
};

export default theme;
