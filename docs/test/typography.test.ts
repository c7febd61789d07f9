/** @file What belongs together stays on one line of a page. */
import { expect, it } from "vitest";
import { together } from "../.vitepress/typography.js";

it.each([
  ["96.8 %, 3.7 ms and 1.5 kB", "96.8\u00a0%, 3.7\u00a0ms and 1.5\u00a0kB"],
  ["34.7 ± 0.3", "34.7\u00a0±\u00a00.3"],
  ["within 2e-7", "within 2e-\u20607"],
  ["of 3 states, at 5 seconds", "of 3 states, at 5 seconds"],
])("%s", (text, expected) => {
  expect(together(text)).toBe(expected);
});
