/** @file The page of the bundlers: shows what the program says. */
import { program } from "./program.mjs";

program()
  .catch(String)
  .then((text) => {
    const output = document.createElement("output");
    output.textContent = text;
    document.body.append(output);
  });
