/** @file The site: what is where, and how it looks. */
import { defineConfig } from "vitepress";
import { apiSidebars } from "./api.js";
import { listErrors } from "./errors.js";
import { captionPictures } from "./figures.js";
import { prepareBlocks } from "./markdown.js";
import { makeRelative } from "./relative.js";
import { PLACEHOLDER } from "./relativeScript.js";
import { search } from "./search.js";
import { keepTogether } from "./typography.js";

const guide = [
  { text: "Install", link: "/guide/install" },
  { text: "Tensors", link: "/guide/tensors" },
  { text: "Ops, one by one", link: "/guide/ops" },
  { text: "Gradients", link: "/guide/autograd" },
  { text: "Ops of your own", link: "/guide/custom-ops" },
  { text: "Models and training", link: "/guide/nn" },
  { text: "Compiled steps", link: "/guide/compile" },
  { text: "Adapting a model: GPart", link: "/guide/gpart" },
  { text: "Fine-tuning compared", link: "/guide/experiments" },
  { text: "Equivariant networks", link: "/guide/equivariant" },
  { text: "Benchmarks", link: "/guide/benchmarks" },
  { text: "Memory", link: "/guide/memory" },
  { text: "On a GPU", link: "/guide/gpu" },
];

const from = [
  { text: "PyTorch", link: "/from/pytorch" },
  { text: "JAX", link: "/from/jax" },
  { text: "NumPy", link: "/from/numpy" },
  { text: "TensorFlow.js", link: "/from/tensorflow" },
];

const errors = ["usage", "shape", "dtype", "device", "gradient", "format", "equivariance"];
const reference = [
  {
    text: "Errors",
    link: "/reference/errors/",
    collapsed: true,
    items: errors.map((name) => ({
      text: `${name === "dtype" ? "DType" : name.charAt(0).toUpperCase() + name.slice(1)}Error`,
      link: `/reference/errors/${name}`,
    })),
  },
  { text: "Where it runs", link: "/guide/environments" },
  { text: "Changelog", link: "/reference/changelog" },
  { text: "How to cite", link: "/reference/cite" },
];

/** What stands beside each page of the guide, of "Coming from" and of the reference. */
const guideSections = [
  { text: "Guide", items: guide },
  { text: "Coming from", items: from },
  { text: "Reference", items: reference },
];

/**
 * The path of the site on its host, with a slash at its end. Without one, what is built works at any
 * path; served from the sources, it is the root.
 */
const { ISOGRAD_BASE, ISOGRAD_BUILD } = process.env;
const base = ISOGRAD_BASE ?? (ISOGRAD_BUILD ? PLACEHOLDER : "/");

export default defineConfig({
  base,
  title: "Isograd",
  description: "Automatic differentiation for TypeScript, on WebAssembly and GPU.js",
  cleanUrls: false, // any server finds page.html
  metaChunk: true, // else every page holds the list of all
  buildEnd: ({ outDir }) => {
    if (base === PLACEHOLDER) makeRelative(outDir);
  },
  lastUpdated: false,
  srcExclude: ["test/**", "README.md"],
  // Results are in comments: themes in which comments are easy to read.
  markdown: {
    theme: { light: "github-light-default", dark: "github-dark-default" },
    config: (markdown) => {
      prepareBlocks(markdown);
      captionPictures(markdown);
      listErrors(markdown);
      keepTogether(markdown);
    },
  },
  vite: {
    // the packages from their sources: the site is always that of this commit
    resolve: { conditions: ["isograd-source", "module", "browser", "development|production"] },
    build: { target: "es2022", chunkSizeWarningLimit: 2000 },
    worker: { format: "es" },
  },
  head: [["link", { rel: "icon", type: "image/svg+xml", href: `${base}logo.svg` }]],
  themeConfig: {
    logo: "/logo.svg",
    nav: [
      { text: "Learn", link: "/learn/", activeMatch: "/learn/" },
      { text: "Guide", link: "/guide/", activeMatch: "/(guide|from)/" },
      { text: "Playground", link: "/playground" },
      { text: "API", link: "/api/", activeMatch: "/api/" },
      { text: "Reference", link: "/reference/errors/", activeMatch: "/reference/" },
    ],
    sidebar: {
      "/learn/": [
        { text: "Learn", items: [{ text: "Your first gradient", link: "/learn/first-gradient" }] },
        ...guideSections,
      ],
      "/guide/": guideSections,
      "/from/": guideSections,
      "/reference/": guideSections,
      ...apiSidebars(),
    },
    outline: { level: [2, 3] },
    search,
    footer: { message: "MIT licence", copyright: "Isograd contributors" },
  },
});
