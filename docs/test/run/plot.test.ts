/** @file `plot` draws what it is given, in each of its forms. */
import { tensor } from "@isograd/tensor";
import { parseHTML } from "linkedom";
import { expect, it } from "vitest";
import { onPicture, plot } from "../../run/plot.js";

const pictures: string[] = [];
const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** The path of the first curve: its points, moves and lines. */
function drawn(...given: Parameters<typeof plot>): string {
  onPicture(document, (svg) => pictures.push(svg));
  plot(...given);
  return pictures.at(-1) ?? "";
}

const points = (svg: string) =>
  /aria-label="line"[^<]*><path[^>]* d="(M[^"]+)"/.exec(svg)?.[1]?.split(/[ML]/).slice(1);
const places = (svg: string) => points(svg)?.map((point) => point.split(",").map(Number));

it("draws a list and a tensor in the same way: a line over 0, 1, 2", () => {
  const svg = drawn([0, 1, 4]);
  expect(drawn(tensor([0, 1, 4]))).toBe(svg);
  const [a, b, c] = places(svg) ?? [];
  expect(Number(b?.[0]) - Number(a?.[0])).toBeCloseTo(Number(c?.[0]) - Number(b?.[0]), 6);
  expect(Number(a?.[1]) - Number(c?.[1])).toBeCloseTo(4 * (Number(a?.[1]) - Number(b?.[1])), 6);
});

it("takes places, names, and options of Observable Plot", () => {
  const xs = places(drawn([0, 1, 10], [1, 2, 3])) ?? [];
  const [a = 0, b = 0, c = 0] = xs.map(([x]) => Number(x));
  expect((c - a) / (b - a)).toBeCloseTo(10, 4);
  expect(drawn({ loss: [1, 2], error: [2, 1] })).toContain("error");
  expect(drawn([0, 5], { loss: [1, 2] })).toContain("loss");
  expect(drawn({ marks: [], title: "nothing" })).toContain("nothing");
});
