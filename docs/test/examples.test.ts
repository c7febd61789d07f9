/**
 * @file Every `@example` of every package runs and prints what it promises. Public names need no
 * import there.
 */
import { describe, it } from "vitest";
import { exampleSnippets, sources } from "./examples.js";
import { runSnippet } from "./snippets.js";

for (const file of sources) {
  const snippets = exampleSnippets(file);
  if (snippets.length > 0) {
    describe(file, () => {
      for (const snippet of snippets)
        it(snippet.where, async () => void (await runSnippet(snippet)));
    });
  }
}
