/**
 * @file Regular expressions that come from files: anybody may have written them, so they are
 * matched in linear time. Knows both syntaxes, and no adapters.
 */
import { FormatError } from "@isograd/tensor";
import { partsOf } from "./javascript.js";
import { compile, PatternError, type Program, Walker } from "./machine.js";
import { partsOf as partsOfPython } from "./python.js";

/** Whether a name matches. */
export type Matcher = (name: string) => boolean;

/** RegExps from files, with what is matched in their place. */
const programs = new WeakMap<RegExp, Program>();

const shortened = (source: string) => (source.length > 99 ? `${source.slice(0, 99)}…` : source);

/** Names the pattern in the errors of `run`. */
function reading<T>(field: string, source: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PatternError || error instanceof SyntaxError)) throw error;
    throw new FormatError(
      "loadAdapter",
      `adapter_config.json: ${field} is no regular expression that can be read: ` +
        `${shortened(source)}: ${error.message}`,
      "a list of names says the same",
    );
  }
}

/**
 * A RegExp of a file. {@link matcherOf} matches it in linear time.
 *
 * @throws FormatError for one that is not valid, too large, or has back references.
 */
export function regExpFromFile(field: string, source: string, flags: string): RegExp {
  return reading(field, source, () => {
    const pattern = new RegExp(source, flags);
    programs.set(pattern, compile(partsOf(pattern)));
    return pattern;
  });
}

/** Whether {@link regExpFromFile} reads a RegExp back. */
export function isReadable({ source, flags }: RegExp): boolean {
  try {
    regExpFromFile("", source, flags);
    return true;
  } catch {
    return false;
  }
}

/** Whether a RegExp matches a part of a name. One of the user is the engine's. */
export function matcherOf(pattern: RegExp): Matcher {
  const program = programs.get(pattern);
  if (program === undefined) {
    return (name) => {
      pattern.lastIndex = 0; // with the flag g or y it would continue there
      return pattern.test(name);
    };
  }
  const walker = new Walker();
  const { source, flags, sticky } = pattern;
  return (name) =>
    reading("target_modules", source, () => {
      const text = /[uv]/.test(flags) ? Array.from(name) : name.split("");
      return walker.matches(program, text, { from: 0, to: sticky ? 0 : text.length, end: null });
    });
}

/** Whether a name is matched as a whole by a pattern of Python, as by `re.fullmatch`. */
export function pythonMatcher(field: string, source: string): Matcher {
  const program = reading(field, source, () => compile(partsOfPython(source)));
  const walker = new Walker();
  return (name) =>
    reading(field, source, () => {
      const text = Array.from(name);
      return walker.matches(program, text, { from: 0, to: 0, end: text.length });
    });
}
