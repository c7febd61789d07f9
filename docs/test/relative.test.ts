/** @file Scripts of the built site find it wherever they are served from. */
import { expect, it } from "vitest";
import { PLACEHOLDER, relativeScript } from "../.vitepress/relativeScript.js";

/** What a script, served at `/a b/assets/x.js`, exports as its value. */
function exported(code: string): unknown {
  const own = relativeScript(code, "..");
  expect(own).not.toContain(PLACEHOLDER);
  const body = own.replaceAll("import.meta.url", '"http://host/a%20b/assets/x.js"');
  return new Function(body.replace("export default", "return"))();
}

it.each([
  [`export default "${PLACEHOLDER}logo.svg"`, "/a b/logo.svg"],
  [`const f = () => {return"${PLACEHOLDER}"+1}; export default f()`, "/a b/1"],
  [`export default \`\${1}${PLACEHOLDER}\${2}${PLACEHOLDER}\``, "1/a b/2/a b/"],
  [`export default JSON.parse('{"base":"${PLACEHOLDER}"}').base`, "/a b/"],
  [`export default Object.keys({"${PLACEHOLDER}":1})[0]`, "/a b/"],
])("%s", (code, value) => {
  expect(exported(code)).toBe(value);
});

it("leaves other scripts as they are, and imports by their relative path", () => {
  expect(relativeScript("export const x='/'", "..")).toBe("export const x='/'");
  const code = `import a from"${PLACEHOLDER}assets/a.js";a()`;
  expect(relativeScript(code, "../..")).toBe('import a from"../../assets/a.js";a()');
});
