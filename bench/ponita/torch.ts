/**
 * @file The same step in PyTorch, if a Python has it: the same numbers, and the losses must agree.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { saveNpz } from "@isograd/tensor/io";
import type { Step } from "./step.js";

/** What PyTorch did. */
export interface TorchRun {
  readonly version: string;
  /** Before each step. */
  readonly losses: readonly number[];
  readonly ms: readonly number[];
}

const SCRIPT = fileURLToPath(new URL("../../pytorch/ponita.py", import.meta.url));
/** Debian's own Python comes first: the one on the PATH may be another. */
const PYTHONS = ["/usr/bin/python3", "python3"];

/** A Python that has PyTorch; null when none has. */
export function pythonWithTorch(): string | null {
  const has = (python: string): boolean => {
    try {
      execFileSync(python, ["-c", "import torch, numpy"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };
  return PYTHONS.find(has) ?? null;
}

/** Runs some steps in a process of its own. */
export function torchSteps(python: string, step: Step, rounds: number): TorchRun {
  const folder = mkdtempSync(join(tmpdir(), "isograd-torch-"));
  try {
    const file = join(folder, "case.npz");
    writeFileSync(file, saveNpz(step.given));
    const out = execFileSync(python, [SCRIPT, file, String(rounds)], { encoding: "utf8" });
    return JSON.parse(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
