/** @file Programs as graphs: DOT for Graphviz, Mermaid for Markdown. */
import { formatShape } from "@isograd/tensor/engine";
import { argumentsOf, nameOf, numberOf, opOf } from "./names.js";
import type { Instruction, Program, Use, Value } from "./program.js";

/** A node of a graph: what is given or returned, or an instruction. */
interface Node {
  readonly label: string;
  readonly isEnd: boolean;
  /** The group that it belongs to; 0: none. */
  readonly group: number;
}

interface Graph {
  readonly nodes: readonly Node[];
  readonly edges: readonly (readonly [from: number, to: number])[];
}

/** The groups of an instruction, by their numbers from 1. */
export type Groups = (instruction: Instruction) => readonly number[];

function graphOf({ instructions, outputs, writes }: Program, groups: Groups): Graph {
  const nodes: Node[] = [];
  const edges: [from: number, to: number][] = [];
  const known = new Map<Value, number>();
  const add = (label: string, isEnd: boolean, group = 0): number => {
    return nodes.push({ label, isEnd, group }) - 1;
  };
  const from = ({ value, shape }: Use): number => {
    const found = known.get(value);
    if (found !== undefined) return found;
    const made = add(`${nameOf(value)} ${formatShape(shape)}`, true);
    known.set(value, made);
    return made;
  };
  for (const own of instructions) {
    const sources = own.operands.filter((use) => own.changing || numberOf(use) === null).map(from);
    const shapes = own.results.map(({ shape }) => formatShape(shape)).join(", ");
    const node = add(`${labelOf(own)} ${shapes}`, false, groups(own)[0]);
    for (const source of sources) edges.push([source, node]);
    for (const { value } of own.results) known.set(value, node);
  }
  for (const [i, use] of outputs.entries()) {
    edges.push([from(use), add(outputs.length === 1 ? "result" : `result${i}`, true)]);
  }
  for (const { at, value } of writes) {
    edges.push([from({ value, shape: [value.size] }), add(`new state${at}`, true)]);
  }
  return { nodes, edges };
}

/** Stands for an operand that an arrow shows. */
const HOLE = "·";

/** The name of an op, with its numbers where it has some. */
function labelOf(instruction: Instruction): string {
  const own = argumentsOf(instruction, () => HOLE);
  const name = opOf(instruction);
  return own.every((text) => text === HOLE) ? name : `${name}(${own.join(", ")})`;
}

/** The nodes, those of each group together. */
function byGroup(nodes: readonly Node[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const [i, { group }] of nodes.entries()) found.set(group, [...(found.get(group) ?? []), i]);
  return found;
}

/** A program in Graphviz's language: ovals for what is given and returned, boxes for instructions. */
export function dotOf(program: Program, groups: Groups): string {
  const { nodes, edges } = graphOf(program, groups);
  const lines = [...byGroup(nodes)].flatMap(([group, own]) => {
    const inside = own.map((i) => {
      const { label, isEnd } = nodes[i] as Node;
      return `  n${i} [label=${quoted(label)} shape=${isEnd ? "oval" : "box"}];`;
    });
    if (group === 0) return inside;
    const head = [`  subgraph cluster_${group} {`, `    label="group ${group}";`];
    return [...head, ...inside.map((line) => `  ${line}`), "  }"];
  });
  const arrows = edges.map(([a, b]) => `  n${a} -> n${b};`);
  return ["digraph {", "  rankdir=TB;", ...lines, ...arrows, "}"].join("\n");
}

/** The same graph in Mermaid's language. */
export function mermaidOf(program: Program, groups: Groups): string {
  const { nodes, edges } = graphOf(program, groups);
  const lines = [...byGroup(nodes)].flatMap(([group, own]) => {
    const inside = own.map((i) => {
      const { label, isEnd } = nodes[i] as Node;
      const text = `["${escaped(label)}"]`;
      return `  n${i}${isEnd ? `(${text})` : text}`;
    });
    if (group === 0) return inside;
    const head = `  subgraph g${group} ["group ${group}"]`;
    return [head, ...inside.map((line) => `  ${line}`), "  end"];
  });
  const arrows = edges.map(([a, b]) => `  n${a} --> n${b}`);
  return ["flowchart TB", ...lines, ...arrows].join("\n");
}

/** A label of DOT. Source: https://graphviz.org/docs/attr-types/escString/. */
function quoted(text: string): string {
  const safe = text.replace(/["\\]/g, "\\$&").replaceAll("&", "&amp;");
  return `"${safe}"`;
}

/**
 * In a label of Mermaid all signs but those of shapes and numbers are codes. Source:
 * https://mermaid.js.org/syntax/flowchart.html, "Entity codes to escape characters".
 */
function escaped(text: string): string {
  const signs = /(?![,[\]])[!-~](?<![\p{L}\p{N}])(?<!\d\.(?=\d))/gu;
  return text.replace(signs, (c) => `#${c.charCodeAt(0)};`);
}
