/** @file Whole numbers of JSON beyond 2⁵³, which JSON.parse rounds. */

/** A string, a bracket or comma, or anything else without spaces. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/**
 * The value of a field of the outermost object, when it is a whole number; the last one where there
 * are several, as JSON.parse takes it. The text is valid JSON.
 */
export function integerIn(text: string, field: string): bigint | null {
  let depth = 0;
  let found: bigint | null = null;
  let [key, before] = ["", ""];
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":" && depth === 1) key = JSON.parse(before) as string;
    else if (depth === 1 && before === ":" && key === field) {
      found = /^-?\d+$/.test(token) ? BigInt(token) : null;
    }
    before = token;
  }
  return found;
}
