/** @file What is mutated in each group, and the tests that must notice: fast and specific ones. */
const tensor = "packages/tensor";
const autograd = "packages/autograd";

/**
 * `mutate` has patterns of sources; `tests` has test files, and folders of which all tests run, new
 * files too. Files that `except` matches and tests that `skip` matches are left out.
 */
export const groups = {
  shape: {
    mutate: [
      `${tensor}/src/base/{shape,dtype}.ts`,
      `${tensor}/src/{ops/dtypeInfo,ops/shape/movement,ops/shape/slicing,ops/shape/stack,nets/window/windows}.ts`,
    ],
    tests: [
      `${tensor}/test/arithmetic`,
      `${tensor}/test/badInputs`,
      `${tensor}/test/laws/movement.test.ts`,
    ],
  },
  rules: {
    mutate: [
      `${autograd}/src/rules/*.ts`,
      `${tensor}/src/ops/linalg/{gradients,spectra,systems}.ts`,
    ],
    tests: [`${autograd}/test/rules`],
  },
  io: {
    mutate: [`${tensor}/src/io/*.ts`],
    tests: [`${tensor}/test/io`],
    except: /(numpy|properties|zipBombs)\.test\.ts$/, // start Python; run long
    skip: /20,000 tensors|every cut-off/, // too long: endless loops are noticed late
  },
};
