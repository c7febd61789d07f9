/**
 * @file The benchmarks: `npm run benchmarks`. Trains, resumes, and writes results, figures and
 * pages.
 */
import { runMain } from "citty";
import { adaptation } from "./adaptation/benchmark.js";
import { energies } from "./energies/benchmark.js";
import { generation } from "./generation/benchmark.js";
import { commandFor } from "./harness/command.js";
import { nbody } from "./nbody/benchmark.js";
import { properties } from "./properties/benchmark.js";
import { superpixels } from "./superpixels/benchmark.js";

await runMain(commandFor([nbody, energies, properties, generation, superpixels, adaptation]));
