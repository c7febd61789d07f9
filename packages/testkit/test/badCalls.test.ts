import { UsageError } from "@isograd/tensor";
import { given } from "@isograd/tensor/engine";
import { faultsOf, methodFaultsOf } from "@isograd/testkit";
import { expect, it } from "vitest";

const goods = { 1: () => 1 };

it("finds calls that fail in raw words", async () => {
  const raw = (x: { length: number }) => x.length;
  const found = await faultsOf("raw", raw, goods);
  expect(found[0]).toMatch(/^raw\(undefined\): TypeError: Cannot read properties of undefined/);
});

it("looks at what functions give back, at classes and at methods", async () => {
  const inner = await faultsOf("outer", () => (x: string) => x.trim(), {});
  expect(inner[0]).toMatch(/^outer\(undefined\): TypeError: of what it returns: TypeError/);
  class Fine {
    strict(x: unknown): void {
      throw new UsageError("strict", `takes nothing, not ${typeof x}`);
    }
  }
  class Raw extends Fine {
    raw(x: { a: number }): number {
      return x.a;
    }
  }
  expect(await faultsOf("Fine", Fine, goods)).toEqual([]);
  const [first] = await methodFaultsOf("object", () => new Raw(), goods);
  expect(first).toMatch(/^object\.raw\(undefined\): TypeError/);
});

it("tries bad values of each option that an error lists", async () => {
  const f = (options?: { readonly size?: string | undefined }) =>
    given("f", options, "size").size?.trim();
  expect((await faultsOf("f", f, {}))[0]).toMatch(/^f\({ size: null }\)|^f\({ size: NaN }\): Type/);
});
