/**
 * @file A checkpoint frees what it keeps exactly once, however its nodes end; its second run sees
 * the same as the first.
 */
import { memory, type Rng, rng, scope, type Tensor, tensor } from "@isograd/tensor";
import { describe, expect, it } from "vitest";
import {
  backward,
  checkpoint,
  grad,
  hvp,
  jvp,
  requiresGrad,
  stopGradient,
  valueAndGrad,
  vjp,
  vmap,
} from "../src/index.js";

const f64 = (values: number[]) => tensor(values, { dtype: "float64" });

/** Handles and bytes that `step` leaves; the first call may fill caches. */
function left(step: () => void): [handles: number, bytes: number] {
  step();
  const before = memory();
  for (let i = 0; i < 2; i++) step();
  const after = memory();
  return [after.tensors - before.tensors, after.bytes - before.bytes];
}

/** Functions of one vector; an inner scope, or the end of the run, frees some of their nodes. */
const withDeadNodes: Record<string, (x: Tensor) => Tensor> = {
  "a stopped branch": (x) => x.mul(stopGradient(x.exp())),
  "a mask": (x) => x.mul(x.greater(0).cast("float64")).add(x.relu()),
  "a float mask": (x) => x.mul(stopGradient(x.sign().abs())),
  "a dead branch": (x) => {
    x.exp().sin().mul(x);
    return x.tanh();
  },
  "a dead branch in a scope": (x) => {
    scope(() => void x.exp().sin());
    return scope(() => x.tanh().mul(2));
  },
  "a read": (x) => x.mul(Number(x.exp().sum().item() > -1)),
  "data that are read": (x) => x.mul(x.square().dataSync()[0] as number),
  "an inner grad": (x) => grad((z: Tensor) => z.pow(3).sum())(x).sin(),
  "an inner grad by something else": (x) => x.mul(grad((z: Tensor) => z.exp().sum())(f64([1]))),
  "an inner walk of backward()": (x) => {
    const w = requiresGrad(f64([2]));
    w.square().sum().backward();
    const y = x.mul(w.grad as Tensor);
    w.dispose();
    return y;
  },
  "an inner vjp and jvp": (x) => {
    const back = vjp((z: Tensor) => z.sin(), x);
    const [, tangent] = jvp((z: Tensor) => z.exp(), x, x);
    const y = back.pull(x).add(tangent);
    back.dispose();
    return y;
  },
  "an inner checkpoint": (x) =>
    checkpoint((z: Tensor) => z.exp().mul(stopGradient(z.sin())))(x).tanh(),
  "an inner checkpoint in an inner grad": (x) =>
    grad((z: Tensor) => checkpoint((u: Tensor) => u.sin().exp())(z).sum())(x).mul(x),
  "a vmap inside": (x) => vmap((s: Tensor) => s.exp().mul(s))(x).add(1),
  "its argument": (x) => x,
  "an alias of its argument": (x) => x.alias(true),
  "a constant": (x) => tensor([1], { dtype: "float64" }).add(stopGradient(x)),
};

describe("a checkpoint with nodes that end early", () => {
  const x = f64([0.3, 2]);
  for (const [name, f] of Object.entries(withDeadNodes)) {
    it(`leaks nothing and has the same derivatives: ${name}`, () => {
      const saving = checkpoint(f);
      const loss = (g: typeof f) => (y: Tensor) => g(y.mul(1)).mul(y).sum();
      const same = (of: (g: typeof f) => Tensor) =>
        expect(of(saving).toArray()).toEqual(of(f).toArray());
      same((g) => valueAndGrad(loss(g))(x)[0]);
      same((g) => grad(loss(g))(x));
      same((g) => grad((y: Tensor) => grad(loss(g))(y).square().sum())(x));
      same((g) => hvp(loss(g), x, f64([1, -1])));
      const samples = (g: typeof f) => vmap(grad((y: Tensor) => loss((z) => g(z.reshape([1])))(y)));
      const reads = / read$/.test(name);
      if (!reads) same((g) => samples(g)(x));
      const ways: (() => void)[] = [
        () => grad(loss(saving))(x).dispose(),
        () => hvp(loss(saving), x, x).dispose(),
        () => saving(x.alias(true)),
        () => {
          if (reads) expect(() => samples(saving)(x)).toThrow(/vmap: values cannot be read/);
          else samples(saving)(x).dispose();
        },
        () => {
          const back = vjp(saving, x);
          for (let i = 0; i < 2; i++) back.pull(x).dispose();
          if (back.value !== x) back.value.dispose();
          back.dispose();
        },
        () => {
          const leaf = requiresGrad(x.alias(true));
          backward(saving(leaf.mul(2)).mul(leaf).sum(), { retainGraph: true });
          saving(leaf.mul(2)); // no walk comes here
          leaf.dispose();
        },
        () => {
          const throwing = (y: Tensor) => {
            saving(y.mul(2));
            throw new Error("outer");
          };
          expect(() => grad(throwing as never)(x)).toThrow("outer");
        },
      ];
      expect(ways.map((way) => left(() => scope(() => void way())))).toEqual(
        ways.map(() => [0, 0]),
      );
    });
  }
});

describe("the second run of a checkpoint", () => {
  const product = checkpoint((tree: { a: Tensor; list: Tensor[] }, scale: number) => {
    const [b, c] = tree.list as [Tensor, Tensor];
    return tree.a.mul(b).exp().mul(c).mul(scale);
  });

  it("sees arguments that were disposed, and lists and objects as they were", () => {
    const w = requiresGrad(f64([1, 2]));
    const run = (meddle: boolean) => {
      const [b, c] = [f64([0.5, -1]), f64([2, 3])];
      const tree = { a: w.mul(1), list: [b, c] };
      const y = product(tree, 2);
      if (meddle) {
        for (const x of [tree.a, b, c]) x.dispose();
        tree.list.length = 0;
        tree.a = f64([7, 7]);
      }
      y.sum().backward();
      return [...(w.grad as Tensor).dataSync()];
    };
    // d/dw 2 c exp(w b) = 2 b c exp(w b), collected twice
    const once = [2 * Math.exp(0.5), -6 * Math.exp(-2)];
    const close = (x: number[], y: number[]) =>
      expect(x.map((v, i) => Math.abs(v - (y[i] as number)) < 1e-12)).toEqual([true, true]);
    close(run(true), once);
    close(
      run(false),
      once.map((v) => 2 * v),
    );
    w.dispose();
  });

  it("says what it threw and where, leaves everything as it was, and can be tried again", () => {
    const random = rng(3);
    let broken = false;
    const fickle = checkpoint((x: Tensor) => {
      const y = x.mul(random.normal([2], { dtype: "float64" }));
      if (broken) y.reshape([3]);
      return y.exp();
    });
    const step = () => {
      broken = false;
      const w = requiresGrad(f64([1, 2]));
      const loss = fickle(w.mul(2)).sum();
      const state = random.state();
      broken = true;
      expect(() => backward(loss, { retainGraph: true })).toThrow(
        /^checkpoint: the function threw when it ran again in the backward pass: reshape: /,
      );
      expect(w.grad).toBe(null);
      expect(random.state()).toEqual(state);
      broken = false;
      loss.backward();
      expect(w.grad).not.toBe(null);
      expect(random.state()).toEqual(state);
      w.dispose();
    };
    expect(left(() => scope(step))).toEqual([0, 0]);
  });

  it("names a tensor of its closure that is gone", () => {
    const gone = f64([1, 2]);
    const f = checkpoint((x: Tensor) => x.mul(gone).exp());
    const loss = (x: Tensor) => {
      const y = f(x).sum();
      gone.dispose();
      return y;
    };
    expect(() => grad(loss)(f64([1, 2]))).toThrow(
      /ran again in the backward pass: mul: .*disposed/,
    );
  });

  it("refuses other shapes than the first time", () => {
    let calls = 0;
    const f = checkpoint((x: Tensor) => x.mul(calls++ === 0 ? f64([1]) : f64([1, 1])).exp());
    expect(() => grad((x: Tensor) => f(x).sum())(f64([1, 2]))).toThrow(
      /mul of float64 \[2\], float64 \[1\], then mul of float64 \[2\], float64 \[2\]/,
    );
  });

  it("is not asked for where the first one threw or was asynchronous: nothing stays", () => {
    const thrower = checkpoint((x: Tensor) => {
      x.exp().mul(x);
      throw new Error("first");
    });
    const later = checkpoint(async (x: Tensor) => x.exp().mul(x));
    const step = (f: (x: Tensor) => unknown, message: RegExp) => () =>
      scope(() => void expect(() => grad(f as never)(f64([1]))).toThrow(message));
    expect(left(step(thrower, /^first$/))).toEqual([0, 0]);
    expect(left(step(later, /^checkpoint: the function returned a promise/))).toEqual([0, 0]);
  });

  it("gives back trees, numbers and nothing", () => {
    const tree = checkpoint((x: Tensor) => ({ y: x.exp(), n: 3, list: [x.sin()], none: null }));
    const loss = (f: typeof tree) => (x: Tensor) => {
      const { y, n, list } = f(x);
      return y
        .mul(list[0] as Tensor)
        .mul(n)
        .sum();
    };
    const plain = (x: Tensor) => ({ y: x.exp(), n: 3, list: [x.sin()], none: null });
    const x = f64([0.3, 2]);
    expect(grad(loss(tree))(x).toArray()).toEqual(grad(loss(plain))(x).toArray());
    const nothing = checkpoint((y: Tensor) => void y.exp());
    const number = checkpoint((y: Tensor) => y.exp().sum().item());
    const steps = [
      () => grad(loss(tree))(x).dispose(),
      () => grad((y: Tensor) => [nothing(y), y.sum()][1] as Tensor)(x).dispose(),
      () => grad((y: Tensor) => y.mul(number(y)).sum())(x).dispose(),
    ];
    expect(steps.map(left)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it("draws the numbers of the first, whosever the generator is, and none is drawn twice", () => {
    const x = f64([0.3, 2, -1]);
    const make = (wrap: <F extends (...args: never[]) => Tensor>(f: F) => F) => {
      const [closed, given] = [rng(1), rng(2)];
      const noise = (random: Rng) => random.normal([3], { dtype: "float64" });
      const inner = wrap((z: Tensor) => z.mul(noise(closed)).tanh());
      const f = wrap((z: Tensor, { own }: { own: Rng }) => {
        const made = rng("made").split();
        const order = tensor(own.shuffle([0, 1, 2]), { dtype: "int32" });
        return inner(z.mul(noise(own)).mul(noise(made)).take(order)).mul(closed.next() + 1);
      });
      const loss = (z: Tensor) =>
        f(f(z, { own: given }), { own: given })
          .mul(noise(closed))
          .sum();
      const values = [grad(loss)(x), hvp(loss, x, x)].map((g) => [...g.dataSync()]);
      return [...values, closed.state(), given.state(), closed.next()];
    };
    expect(make((f) => checkpoint(f as never) as never)).toEqual(make((f) => f));
  });

  it("maps samples inside of samples whose call is over", () => {
    const run = (wrap: typeof checkpoint) => {
      const inner = (ys: Tensor, x: Tensor) => vmap((y: Tensor) => y.mul(x.sum()).exp())(ys).sum();
      const own = (xs: Tensor) => vmap(wrap((x: Tensor) => inner(x, x)))(xs).sum();
      const all = (xs: Tensor) => vmap(wrap((x: Tensor) => inner(xs, x)))(xs).sum();
      const xs = rng(1).normal([3, 2], { dtype: "float64" });
      return [own, all].flatMap((f) => [grad(f)(xs).toArray(), hvp(f, xs, xs).toArray()]);
    };
    expect(run(checkpoint)).toEqual(run((f) => f));
  });

  it("brings samples back in their place in the graph around vmap", () => {
    const run = (wrap: typeof checkpoint) => {
      const w = f64([0.7, -0.3]);
      const block = wrap((z: Tensor, v: Tensor) => z.mul(v).exp().mul(z).tanh().mul(v));
      const loss = (z: Tensor, v: Tensor) => block(block(z, v), v).mul(block(z, v)).sum();
      const slopes = wrap((xs: Tensor, v: Tensor) =>
        vmap((x: Tensor) => grad((u: Tensor) => loss(x.mul(u), u))(v).mul(x))(xs),
      );
      const xs = rng(1).normal([3, 2], { dtype: "float64" });
      const total = (v: Tensor) => slopes(xs.mul(v), v).square().sum();
      return [grad(total)(w).toArray(), hvp(total, w, f64([1, 2])).toArray()];
    };
    expect(run(checkpoint)).toEqual(run((f) => f));
  });
});
