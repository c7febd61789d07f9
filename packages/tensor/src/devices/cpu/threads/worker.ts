/**
 * @file The program of a worker thread, as text: bundlers and pages need no further file. Knows no
 * tensor.
 */
import { LEFT_BITS, LIST, PIECE, SPINS, WORDS } from "./control.js";

/**
 * Starts the kernels on the shared memory, says that it is ready, and takes pieces of work until it
 * is stopped. A trap in a kernel is told to the caller, who throws.
 */
export const WORKER_SOURCE = `"use strict";
function work({ memory, modules, names, control, scratch, work }) {
  const exports = modules.map((m) => new WebAssembly.Instance(m, { env: { memory } }).exports);
  const kernels = names.map((name) => exports.find((one) => name in one)[name]);
  exports.find((one) => "setScratch" in one).setScratch(scratch);
  const words = new Int32Array(memory.buffer, control, ${LIST} / 4);
  const list = new Float64Array(memory.buffer, control + ${LIST});
  Atomics.add(words, ${WORDS.ready}, 1);
  for (let spins = 0; ; ) {
    const ticket = Atomics.load(words, ${WORDS.ticket});
    const left = ticket & ${(1 << LEFT_BITS) - 1};
    if (left === 0) {
      if (Atomics.load(words, ${WORDS.stopped}) !== 0) return;
      if (++spins > ${SPINS}) Atomics.wait(words, ${WORDS.ticket}, ticket);
      continue;
    }
    spins = 0;
    if (Atomics.compareExchange(words, ${WORDS.ticket}, ticket, ticket - 1) !== ticket) continue;
    const at = (left - 1) * ${PIECE};
    const args = Array.from(list.subarray(at + 3, at + 3 + list[at + 2]));
    if (list[at + 1] >= 0) args[list[at + 1]] = work;
    try {
      kernels[list[at]](...args);
    } catch {
      Atomics.store(words, ${WORDS.failed}, 1);
    }
    Atomics.add(words, ${WORDS.done}, 1);
    Atomics.notify(words, ${WORDS.done});
  }
}
if (typeof require === "function") work(require("node:worker_threads").workerData);
else onmessage = ({ data }) => work(data);
`;
