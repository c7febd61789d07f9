/** @file Sums over all bits of partitions and projections: they must be equal in every engine. */
import { rng, scope } from "@isograd/tensor";
import { partition, project, projectTranspose, type Scheme } from "../../src/index.js";

/** 32-bit FNV-1a of the bytes of arrays. */
function hash(...arrays: readonly ArrayBufferView[]): string {
  let h = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) {
      h = Math.imul(h ^ byte, 0x01000193);
    }
  }
  return (h >>> 0).toString(16).padStart(8, "0");
}

/** Of 30,011 weights in 300 groups: all groups, Pθ and Pᵀw in float32. */
export function checksums(scheme: Scheme): string[] {
  return scope(() => {
    const [n, d, seed] = [30_011, 300, 12_345_678_901];
    const values = rng(1).normal([n]).dataSync();
    const more = { values, sizes: [10_000, 20_011], warn: () => {} };
    const p = partition({ n, d, seed, scheme, signed: true, ...more });
    const [theta, w] = [rng(2).normal([d]), rng(3).normal([n])];
    const results = [project(p, theta), projectTranspose(p, w)];
    return [hash(p.fillSigned(new Int32Array(n))), hash(...results.map((x) => x.dataSync()))];
  });
}

/** Their values in Node 20, with and without fused multiply-add. */
export const expectedChecksums: Readonly<Record<Scheme, readonly string[]>> = {
  "feistel-v1": ["41bfff7a", "29207fa6"],
  "hash-v1": ["cdca26cc", "c152bb54"],
  iid: ["ad18b36f", "7388e568"],
  contiguous: ["84d4c8fc", "8e453208"],
  "per-layer": ["554317f5", "7d400489"],
  "signed-magnitude": ["8b2f45e3", "f347504f"],
};
