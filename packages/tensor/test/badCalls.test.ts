import * as root from "@isograd/tensor";
import { init, rng, setDefaultDevice, tensor } from "@isograd/tensor";
import * as engine from "@isograd/tensor/engine";
import * as io from "@isograd/tensor/io";
import { faultsOf, methodFaultsOf } from "@isograd/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const goods = {
  "a tensor": () =>
    tensor([
      [1, 2],
      [3, 4],
    ]),
  indices: () => tensor([0, 1], { dtype: "int32" }),
  "[2, 2]": () => [2, 2],
  "1": () => 1,
  text: () => "float32",
  "a function": () => (x: unknown) => x,
};

/** What trusts those who extend the engine: each group for its reason. */
const trusted: Readonly<Record<string, readonly string[]>> = {
  "its list of names is checked by the compiler": ["given"],
  "it takes a function's rest of arguments, which is a list": ["noMore"],
  "they run for every op, which has checked its operands by then": [
    ...["apply", "applyMany", "opened", "perSample", "runReference", "over", "withOp", "opsOf"],
    ...["deviceOf", "storageOf", "nodeOf", "slotOf", "setNode", "dropNode", "realize", "share"],
    ...["fromStorage", "release", "retain", "releaseNode", "expectLive", "sampleLevel"],
  ],
  "it makes tensors of what a generator gives, for functions that have checked their arguments": [
    "drawn",
  ],
  "they are called with functions that the extension has": ["seeingFlags", "changing", "eachRun"],
  "they open and close the scopes of one function": [
    ...["closeScope", "isUnclaimed", "keepAll", "madeSince", "markKept"],
  ],
  "they walk trees of any kind, by functions that the extension has": [
    ...["childrenOf", "forEachTensor", "hasParameters", "mapTree", "rebuiltFrom", "recordOf"],
    ...["visitTree", "ownLists", "ownOf"],
  ],
  "they are arithmetic on shapes of tensors, in the loops of small ops": [
    ...["viewArray", "broadcastStrides", "contiguousStrides", "normalizeAxes", "normalizeAxis"],
    ...["reducedShape", "shapesEqual", "sizeOf", "neededStrides"],
  ],
  "they take the attributes of an op, which a rule or an optimiser makes": [
    ...["standardizeGrad", "realDftTransposed", "place", "fold", "unfold", "adamUpdate"],
    ...["lerpUpdate", "sgdUpdate"],
  ],
  "it is called on the bytes of a file": ["crc32"],
  "it makes the error of a bad option": ["unknownOption"],
};
const trusting = new Set(Object.values(trusted).flat());

beforeAll(() => init());
afterEach(() => {
  setDefaultDevice("cpu");
  engine.setRecorder(null);
  engine.setWatcher(null);
  engine.setTracer(null);
  while (engine.scopeDepth() > 0) engine.closeScope(0); // those that openScope left
});
afterAll(() => init());

const functionsOf = (entry: object) =>
  Object.entries(entry).filter(([, f]) => typeof f === "function");

describe.each([
  ["@isograd/tensor", root],
  ["@isograd/tensor/io", io],
])("calls with bad arguments of %s", (_, entry) => {
  it.each(functionsOf(entry))("%s refuses them in words of the house", async (name, f) => {
    const found = await faultsOf(name, f, goods);
    const late = name === "init" ? / took \d+ ms$/ : /^$/; // threads take their time to start
    expect(found.filter((fault) => !late.test(fault))).toEqual([]);
  });
});

describe("calls with bad arguments of @isograd/tensor/engine", () => {
  const functions = functionsOf(engine).filter(([name]) => !trusting.has(name));
  it.each(functions)("%s refuses them in words of the house", async (name, f) => {
    expect(await faultsOf(name, f, goods)).toEqual([]);
  });
});

describe("methods with bad arguments", () => {
  it.each([
    [
      "Tensor",
      () =>
        tensor([
          [1, 2],
          [3, 4],
        ]),
    ],
    ["Rng", () => rng(0)],
  ])("of %s", async (name, make) => {
    expect(await methodFaultsOf(name, make, goods)).toEqual([]);
  });
});
