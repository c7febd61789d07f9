/** @file What a file of the built site weighs on the way, and what a page may load before one presses Run. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { dist } from "./server.js";

/** kB (1000 bytes) of scripts, gzipped. */
const SCRIPTS = 300;

/** The size of a file of the site in kB, gzipped. */
export const kB = (file: string): number => gzipSync(readFileSync(`${dist}/${file}`)).length / 1000;

/** A complaint, if these files hold more scripts than a page may load. Prints the figure. */
export function tooMuch(path: string, loaded: Iterable<string>): string[] {
  const scripts = [...loaded].filter((file) => file.endsWith(".js"));
  if (scripts.length === 0) return ["loads no scripts"];
  const size = scripts.reduce((sum, file) => sum + kB(file), 0);
  console.log(`${path}: ${size.toFixed(0)} kB of scripts, ${kB(path).toFixed(0)} kB of HTML`);
  return size <= SCRIPTS ? [] : [`loads ${size.toFixed(0)} kB of scripts, over ${SCRIPTS} kB`];
}
