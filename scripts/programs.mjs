/**
 * @file `npm run programs -- --count 100000 --seed 1`: random programs, compiled and op by op, in
 * blocks of a thousand. Each block has a seed; the line of progress says which one comes next.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, run } from "./lib.mjs";
import { setup } from "./setup.mjs";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "86400" },
  },
});
await setup();
const args = ["run", "--project", "compile", "programs.slow", "-t", "many random programs"];
const { code } = await run(
  process.execPath,
  [join(root, "node_modules/vitest/vitest.mjs"), ...args, "--disable-console-intercept"],
  {
    show: true,
    env: {
      ISOGRAD_SLOW: "1",
      ISOGRAD_PROGRAMS: [values.count, values.seed, values.seconds].join(),
    },
  },
);
process.exitCode = code;
