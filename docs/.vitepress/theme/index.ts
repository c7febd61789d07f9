/** @file VitePress's own theme in Isograd's colours. */
import theme from "vitepress/theme";
import "./style.css";

export default theme;
