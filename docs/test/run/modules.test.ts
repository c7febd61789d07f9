/** @file Where names without an import come from: the page's own module or namespace first. */
import { expect, it } from "vitest";
import { importsFor, load } from "../../run/modules.js";

it("takes names from the page's own module first", async () => {
  const names = new Set(["init", "tensor", "unknown"]);
  expect(await importsFor(names, "@isograd/nn")).toBe(
    'const { init } = await __run.load("@isograd/nn"); const { tensor } = await __run.load("@isograd/tensor");',
  );
  const [first] = (await importsFor(names, "@isograd/tensor")).split(" = ");
  expect(first?.split(/\W+/).sort()).toEqual(["", "const", "init", "tensor"]);
});

it("takes names from a namespace: an example of losses.mse calls mse", async () => {
  expect(await importsFor(new Set(["mse"]), "@isograd/nn.losses")).toBe(
    'const { mse } = (await __run.load("@isograd/nn")).losses;',
  );
});

it("lists the modules that there are for one that is not", async () => {
  await expect(load("lodash")).rejects.toThrow(
    /no module "lodash" on this page; there are @isograd/,
  );
});
