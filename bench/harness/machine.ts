/** @file What the figures depend on: the machine, and the versions of what was compared. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** (module (func (param v128 v128 v128) (result v128) … f32x4.relaxed_madd)) */
const RELAXED = "0061736d0100000001080160037b7b7b017b030201000a0d010b00200020012002fd85020b";

function versionOf(path: string): string {
  const text = readFileSync(new URL(`../../${path}/package.json`, import.meta.url), "utf8");
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

export function machine() {
  const [load = Number.NaN] = loadavg();
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    relaxedSimd: WebAssembly.validate(Buffer.from(RELAXED, "hex")),
    load: Number(load.toFixed(2)),
  };
}

export function versions(): Record<string, string> {
  return {
    isograd: versionOf("../packages/tensor"),
    tfjs: versionOf("node_modules/@tensorflow/tfjs"),
    "jax-js": versionOf("node_modules/@jax-js/jax"),
  };
}
