/** @file What is mutated in each group, and the tests that must notice: fast ones, to the point. */
const tensor = "packages/tensor";
const autograd = "packages/autograd";

/**
 * `mutate` holds patterns; `tests` files, and folders whose tests are taken, so that new files take part, but for the files
 * and the tests that `except` and `skip` match.
 */
export const groups = {
  shape: {
    mutate: [
      `${tensor}/src/base/{shape,dtype}.ts`,
      `${tensor}/src/ops/{dtypeInfo,shape/movement,shape/slicing,window/windows}.ts`,
    ],
    tests: [
      `${tensor}/test/arithmetic`,
      `${tensor}/test/badInputs`,
      `${tensor}/test/laws/movement.test.ts`,
    ],
  },
  rules: {
    mutate: [`${autograd}/src/rules/*.ts`, `${tensor}/src/ops/linalg/{gradients,spectra}.ts`],
    tests: [`${autograd}/test/rules`],
  },
  io: {
    mutate: [`${tensor}/src/io/*.ts`],
    tests: [`${tensor}/test/io`],
    except: /(numpy|properties|zipBombs)\.test\.ts$/, // start Python; run long
    skip: /20,000 tensors|every cut-off/, // run long: a loop without end is told from them too late
  },
};
