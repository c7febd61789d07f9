import { tensor, UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";

interface Pooling {
  readonly axis?: number | null | undefined;
  readonly keepdims?: boolean | undefined;
  readonly eps?: number | undefined;
  readonly dtype?: string | undefined;
  readonly activation?: (() => void) | undefined;
}
const pool = (options?: unknown) =>
  given("pool", options as Pooling, "axis keepdims? eps# dtype activation()");

/** What `pool` says about its options. */
function refusal(options: unknown): string {
  try {
    pool(options);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return "taken";
}

describe("the checker of options", () => {
  it("takes what is known, undefined values, and nothing at all", () => {
    const options = { axis: null, keepdims: true, eps: 1e-5, activation: () => {} };
    expect(pool(options)).toBe(options);
    expect(pool()).toEqual({});
    expect(refusal({ axis: undefined, keepdims: undefined })).toBe("taken");
    expect(refusal(Object.create(null))).toBe("taken");
    class Config {
      axis = 1;
    }
    expect(refusal(new Config())).toBe("taken");
  });

  it("refuses what an object inherits, which copies would lose", () => {
    class Defaults {
      get axis() {
        return 1;
      }
    }
    const rooted = Object.assign(Object.create(null), { axis: 1 });
    for (const above of [{ axis: 1 }, rooted]) {
      expect(refusal(Object.create(above))).toMatch(
        /^pool: needs an object of options, got an obj/,
      );
      expect(refusal(Object.assign(Object.create(above), { eps: 1 }))).toMatch(
        /^pool: needs an obj/,
      );
      expect(refusal(Object.assign(Object.create(above), { axis: 2 }))).toBe("taken");
    }
    expect(refusal(new Defaults())).toMatch(/^pool: needs an object of options, got an object of/);
  });

  it.each([
    ["dim", "axis"],
    ["keepDims", "keepdims"],
    ["keep_dims", "keepdims"],
    ["epsilon", "eps"],
    ["type", "dtype"],
    ["act", "activation"],
    ["activaton", "activation"],
  ])("says that %s is %s here", (name, meant) => {
    const all = "options: axis, keepdims, eps, dtype, activation";
    expect(refusal({ [name]: 1 })).toBe(
      `pool: has no option "${name}"\n  help: did you mean ${meant}? ${all}`,
    );
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty", "", "quadrature"])(
    "refuses the name %j, with all that there are",
    (name) => {
      const options = Object.defineProperty({}, name, { value: 1, enumerable: true });
      expect(refusal(options)).toMatch(/^pool: has no option .*\n {2}help: (did.*)?options: axis/);
    },
  );

  it.each([
    [0, "0", "write { axis: 0 }"],
    [[0, 1], "[0, 1]", "write { axis: [0, 1] }"],
    ["float32", '"float32"', 'write { dtype: "float32" }'],
    [true, "true", "write { name: value }"],
    [null, "null", "write { name: value }"],
    [() => {}, "a function", "write { name: value }"],
    [new Map(), "an object of class Map", "write { name: value }"],
    [Promise.resolve(), "an object of class Promise", "write { name: value }"],
    [Symbol("s"), "Symbol(s)", "write { name: value }"],
    [10n, "10", "write { name: value }"],
  ])("refuses %s in the place of options", (options, shown, help) => {
    expect(refusal(options)).toBe(
      `pool: needs an object of options, got ${shown}\n  help: ${help}; ` +
        "options: axis, keepdims, eps, dtype, activation",
    );
  });

  it("shows a number, a list or a boolean under the first name, if that takes it", () => {
    const linear = (options: unknown) =>
      given("linear", options as { bias?: boolean; eps?: number }, "bias? eps#");
    const help = (options: unknown) => {
      try {
        return linear(options);
      } catch (error) {
        return (error as Error).message.split("\n  ")[1];
      }
    };
    expect(help(false)).toBe("help: write { bias: false }; options: bias, eps");
    expect(help(3)).toBe("help: write { name: value }; options: bias, eps");
    expect(help(tensor([1]))).toBe("help: write { name: value }; options: bias, eps");
  });

  it.each([
    [{ keepdims: "yes" }, 'option keepdims must be a boolean, got "yes"'],
    [{ eps: "1e-5" }, 'option eps must be a number, got "1e-5"'],
    [{ eps: null }, "option eps must be a number, got null"],
    [{ activation: "gelu" }, 'option activation must be a function, got "gelu"'],
  ])("holds the marked types: %o", (options, problem) => {
    expect(refusal(options)).toBe(`pool: ${problem}\n  help: leave it out for its default`);
  });

  it("suggests what a caller's list of other libraries' names means, of the names there are", () => {
    const list = new Map([["windowlength", ["size", "axis"]]]);
    const loose: Pooling = JSON.parse('{ "window_length": 1 }');
    const names = "axis keepdims? eps# dtype activation()";
    expect(() => given("pool", loose, names)).toThrow("help: options: axis");
    expect(() => given("pool", loose, names, list)).toThrow("did you mean axis? options: axis");
  });

  it("compiles with a complete list of marked names only", () => {
    const options: Pooling | undefined = undefined;
    // @ts-expect-error activation is missing
    given("pool", options as Pooling | undefined, "axis keepdims? eps# dtype");
    // @ts-expect-error keepdims lacks its mark
    given("pool", options as Pooling | undefined, "axis keepdims eps# dtype activation()");
    // @ts-expect-error no such option
    given("pool", options as Pooling | undefined, "axis keepdims? eps# dtype activation() mode");
    expect(options).toBeUndefined();
  });
});
