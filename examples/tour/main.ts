/**
 * @file The tour: `npm start`. Simulate, learn, change the world, adapt, save, load, report. Public
 * APIs only.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { intro, log, outro } from "@clack/prompts";
import { defineCommand, runMain } from "citty";
import { asHtml } from "./report.js";
import { asText } from "./text.js";
import { tour } from "./tour.js";

const command = defineCommand({
  meta: {
    name: "npm start --",
    description:
      "Learn N-body dynamics with PONITA, change the world, adapt with GPart, and report.",
  },
  args: {
    seed: {
      type: "string",
      default: "0",
      description: "Seed of everything random (a whole number)",
    },
    minutes: { type: "string", default: "3", description: "About how long the tour takes" },
    device: {
      type: "string",
      default: "cpu",
      description: "cpu, or gpu: trains in headless Chromium, without the rest of the tour",
    },
    out: {
      type: "string",
      default: "tour-report",
      description: "Folder for the report and the adapter",
    },
  },
  async run({ args }) {
    const seed = number("seed", args.seed, Number.isInteger);
    const minutes = number("minutes", args.minutes, (x) => x > 0);
    if (!["cpu", "gpu"].includes(args.device)) number("device", args.device, () => false);
    intro("Isograd: the tour");
    if (args.device === "gpu") {
      const { onGpu } = await import("./onGpu.js");
      const done = await onGpu({ seed, minutes, say: log.step });
      outro(done ? "Trained on the device gpu" : "Not trained: npm start runs on the CPU");
      process.exitCode = done ? 0 : 1;
      return;
    }
    const { findings, files } = await tour({ seed, minutes, say: log.step });
    const folder = resolve(args.out);
    await mkdir(folder, { recursive: true });
    const page = join(folder, "index.html");
    await writeFile(page, asHtml(findings));
    await writeFile(join(folder, "adapter_config.json"), files.config);
    await writeFile(join(folder, "adapter_model.safetensors"), files.weights);
    process.stdout.write(`\n${asText(findings)}\n\n`);
    outro(`Report: ${page} (${findings.seconds.toFixed(0)} s in all)`);
    process.exitCode = findings.reloaded.same ? 0 : 1;
  },
});

function number(name: string, text: string, valid: (x: number) => boolean): number {
  const x = Number(text);
  if (text.trim() !== "" && valid(x)) return x;
  process.stderr.write(`--${name} cannot be "${text}"; see npm start -- --help\n`);
  process.exit(2);
}

await runMain(command);
