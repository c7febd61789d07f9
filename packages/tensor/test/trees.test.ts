/** What a scope sees of what is returned, and how trees are walked and built again. */
import { keep, ones, scope, type Tensor, treeChildren, UsageError } from "@isograd/tensor";
import { forEachTensor, mapTree, parameterBoxes, visitTree } from "@isograd/tensor/engine";
import { describe, expect, it } from "vitest";

class Pair {
  readonly left: Tensor;
  readonly right: Tensor;

  constructor(left: Tensor, right: Tensor) {
    this.left = left;
    this.right = right;
  }

  get sum(): number {
    return this.left.add(this.right).item();
  }
}

class Secret {
  readonly #x: Tensor;
  constructor(x: Tensor) {
    this.#x = x;
  }
  read(): number {
    return this.#x.item();
  }
}

class Told extends Secret {
  readonly own: Tensor;

  constructor(own: Tensor) {
    super(own);
    this.own = own;
  }
  [treeChildren](): Iterable<unknown> {
    return [this.own];
  }
}

const number = (value: number): Tensor => ones([]).mul(value);
const symbol = Symbol("w");
const names = (tree: unknown): string[] => {
  const found: string[] = [];
  visitTree(tree, (x, path) => found.push(`${path}=${x.item()}`));
  return found;
};

describe("a scope keeps the tensors", () => {
  const returned: readonly [string, () => unknown, (tree: never) => Tensor[]][] = [
    [
      "of arrays in arrays",
      () => [[number(1)], number(2)],
      ([[a], b]: [[Tensor], Tensor]) => [a, b],
    ],
    [
      "of maps, keys too",
      () => new Map([[number(1), number(2)]]),
      (m: Map<Tensor, Tensor>) => [...m].flat(),
    ],
    ["of sets", () => new Set([number(1)]), (s: Set<Tensor>) => [...s]],
    ["of objects of a class", () => new Pair(number(1), number(2)), (p: Pair) => [p.left, p.right]],
    ["under symbols", () => ({ [symbol]: number(1) }), (o: { [symbol]: Tensor }) => [o[symbol]]],
    [
      "under __proto__",
      () => JSON.parse('{"__proto__": 0}', (_, v) => (v === 0 ? number(1) : v)),
      (o: object) => Object.values(o),
    ],
    ["of what lists its children", () => new Told(number(1)), (t: Told) => [t.own]],
    [
      "of what shows its parameters",
      () => {
        const box = { value: number(1) };
        return { [parameterBoxes]: () => new Map([["w", box]]) };
      },
      (m: { [parameterBoxes](): Map<string, { value: Tensor }> }) =>
        [...m[parameterBoxes]().values()].map(({ value }) => value),
    ],
  ];
  for (const [what, make, read] of returned) {
    it(what, () => {
      const kept = read(scope(make) as never);
      expect(kept.every((x) => !x.disposed)).toBe(true);
      expect(kept.length).toBeGreaterThan(0);
    });
  }

  it("of a tree that contains itself", () => {
    const ring = scope(() => {
      const a: { x: Tensor; next?: unknown } = { x: number(1) };
      a.next = [a, new Map([["back", a]])];
      return a;
    });
    expect(ring.x.item()).toBe(1);
  });

  it("but not those that nobody can see: fields that are private, and are not listed", () => {
    const secret = scope(() => new Secret(number(1)));
    expect(() => secret.read()).toThrow(/after it was disposed/);
  });
});

describe("an iterator in a result", () => {
  function* numbers(): Generator<Tensor> {
    yield number(1);
  }
  it("is an error that says where it is, since nobody sees what it holds", () => {
    for (const [tree, at] of [
      [numbers(), ""],
      [{ a: [1, numbers()] }, ' at "a.1"'],
      [{ m: new Map([["k", [number(1)].values()]]) }, ' at "m.k"'],
      [[{ next: () => ({ done: true }), [Symbol.iterator]: () => numbers() }], ' at "0"'],
    ]) {
      const text = `scope: the function returned an iterator${at}, and nobody sees what it holds`;
      expect(() => scope(() => tree)).toThrow(text);
      expect(() => scope(() => tree)).toThrow(UsageError);
    }
    expect(() => scope(() => keep(numbers()))).toThrow(/keep: .*iterator/);
    expect(scope(() => [...numbers()])[0]?.item()).toBe(1);
  });
});

describe("a walk", () => {
  it("goes in the order of arrays, keys and maps, and names the places", () => {
    const tree = {
      b: [number(1), { c: number(2) }],
      a: new Map<unknown, unknown>([
        ["z", number(3)],
        [7, new Set([number(4)])],
      ]),
      pair: new Pair(number(5), number(6)),
      rest: [null, undefined, 3, "text", Float32Array.of(1), () => number(7)],
    };
    expect(names(tree)).toEqual([
      "b.0=1",
      "b.1.c=2",
      "a.z=3",
      "a.7.0=4",
      "pair.left=5",
      "pair.right=6",
    ]);
    expect(names(number(1))).toEqual(["=1"]);
  });

  it("meets what is there twice, twice; and each object once where only tensors are wanted", () => {
    const shared = { w: number(1) };
    expect(names([shared, shared])).toEqual(["0.w=1", "1.w=1"]);
    let met = 0;
    forEachTensor([shared, shared], () => met++);
    expect(met).toBe(1);
  });

  it("refuses a tree with tensors that contains itself, and names the place", () => {
    const a: Record<string, unknown> = { w: number(1) };
    a["list"] = [{ back: a }];
    expect(() => names(a)).toThrow(
      'tree: the tree contains itself: "list.0.back" leads back to where it came from',
    );
    expect(() => mapTree({ a }, (x) => x, { op: "f" })).toThrow(
      'f: the tree contains itself: "a.list.0.back" leads back',
    );
  });

  it("hands on what has no tensors, however it is knotted", () => {
    const nodes = Array.from({ length: 40 }, () => ({ links: [] as unknown[] }));
    for (const node of nodes) node.links.push(...nodes);
    const tree = { w: number(1), nodes, date: new Date(0) };
    const made = mapTree(tree, (x) => x.mul(2)) as typeof tree;
    expect(made.w.item()).toBe(2);
    expect(made.nodes[7]).toBe(nodes[7]);
    expect(made.date).toBe(tree.date);
  });
});

describe("a tree built again", () => {
  const double = <T>(tree: T): T => mapTree(tree, (x) => x.mul(2)) as T;

  it("has the class, the keys and the form of the first", () => {
    const pair = double(new Pair(number(1), number(2)));
    expect(pair).toBeInstanceOf(Pair);
    expect(pair.sum).toBe(6);
    const map = double(
      new Map<unknown, Tensor>([
        ["a", number(1)],
        [pair, number(2)],
      ]),
    );
    expect([...map].map(([key, x]) => [key, x.item()])).toEqual([
      ["a", 2],
      [pair, 4],
    ]);
    const set = double(new Set([number(1), number(2)]));
    expect([...set].map((x) => x.item())).toEqual([2, 4]);
    const bare = double(Object.assign(Object.create(null), { w: number(3) }));
    expect(Object.getPrototypeOf(bare)).toBe(null);
    expect(bare.w.item()).toBe(6);
  });

  it("has names like __proto__, symbols and holes of arrays", () => {
    const tree = JSON.parse('{"__proto__": 0, "constructor": 0}', (_, v) =>
      v === 0 ? number(1) : v,
    );
    const made = double(tree);
    expect(Object.keys(made)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(made, "__proto__")?.value.item()).toBe(2);
    const note = { text: "copied, not opened" };
    expect(double({ w: number(2), [symbol]: note })[symbol]).toBe(note);
    const sparse: Tensor[] = [];
    sparse[2] = number(1);
    const holes = double(sparse);
    expect([holes.length, 0 in holes, holes[2]?.item()]).toEqual([3, false, 2]);
  });

  it("leaves the first as it was, frozen or not, and does not call setters", () => {
    class Guarded {
      w = number(1);
    }
    Object.defineProperty(Guarded.prototype, "w", {
      set() {
        throw new Error("set");
      },
    });
    const first = Object.freeze([Object.freeze(new Guarded())]);
    expect(double(first)[0]?.w.item()).toBe(2);
    expect(first[0]?.w.item()).toBe(1);
    class Tensors extends Array<Tensor> {
      get last(): Tensor | undefined {
        return this[this.length - 1];
      }
    }
    expect(double(Tensors.of(number(1), number(2)) as Tensors).last?.item()).toBe(4);
  });
});
