/** @file API pages: every public name of every package, as Markdown for the site. */
import { OptionDefaults } from "typedoc";

export default {
  plugin: ["typedoc-plugin-markdown", "./typedoc/names.mjs"],
  entryPoints: [
    "../packages/tensor/src/api/index.ts",
    "../packages/tensor/src/api/io.ts",
    "../packages/tensor/src/api/engine.ts",
    "../packages/tensor/src/api/cpu.ts",
    "../packages/tensor/src/api/gpu.ts",
    "../packages/autograd/src/index.ts",
    "../packages/autograd/src/check/index.ts",
    "../packages/autograd/src/viz/index.ts",
    "../packages/autograd/src/engine.ts",
    "../packages/compile/src/index.ts",
    "../packages/nn/src/index.ts",
    "../packages/gpart/src/index.ts",
    "../packages/equivariant/src/index.ts",
  ],
  tsconfig: "tsconfig.typedoc.json",
  out: "api",
  name: "API",
  readme: "none",
  treatWarningsAsErrors: true,
  skipErrorChecking: true, // `tsc -b` does that
  excludeInternal: false, // the entry points name what is documented; see typedoc/names.mjs
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "Variables", "*"],
  router: "family",
  useCustomAnchors: true,
  theme: "family",
  entryFileName: "index",
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hideGroupHeadings: false,
  parametersFormat: "table",
  propertiesFormat: "table",
  interfacePropertiesFormat: "table",
  tableColumnSettings: { hideModifiers: true },
  blockTags: [...OptionDefaults.blockTags, "@file"],
  modifierTags: [...OptionDefaults.modifierTags, "@noMethod"], // for scripts/generate-api.mjs
  excludeTags: [...OptionDefaults.excludeTags, "@noMethod"],
};
