"""Cases of functions made of other ops: rearranging, products of vectors, norms, running products."""
import numpy as np
import torch

from .core import Family, integers, lattice, ref

MATRICES = [(1, 1), (3, 3), (2, 4), (4, 2), (2, 3, 3), (0, 3), (2, 0, 2)]


def rearranging(f):
    for shape, axis in [((3,), 0), ((2, 3), 0), ((2, 3), -1), ((2, 3, 4), 1), ((1, 2), 0)]:
        f.add("unstack", [lattice("unstack", shape)], [ref(0), {"axis": axis}],
              lambda x, a=axis: [np.take(x, i, a) for i in range(x.shape[a])], lambda x, a=axis: torch.unbind(x, a))
    for shape, a, b in [((2, 3), 0, 1), ((2, 3, 4), 0, -1), ((2, 3, 4), 1, 1), ((3,), 0, 0), ((0, 2), 1, 0)]:
        f.add("swapAxes", [lattice("swap", shape)], [ref(0), a, b], lambda x, a=a, b=b: np.swapaxes(x, a, b),
              lambda x, a=a, b=b: x.swapaxes(a, b))
    for shape, times, axis in [((3,), 2, None), ((2, 3), 2, None), ((2, 3), [1, 0], 0), ((2, 3), [0, 2, 1], 1),
                               ((2, 3), 3, -1), ((3,), 0, 0), ((), 4, None), ((0, 2), 2, 1)]:
        args = [ref(0), times] if axis is None else [ref(0), times, {"axis": axis}]
        f.add("repeat", [lattice("repeat", shape)], args, lambda x, t=times, a=axis: np.repeat(x, t, a),
              lambda x, t=times, a=axis: torch.repeat_interleave(x, torch.tensor(t), a)
              if a is not None else torch.repeat_interleave(x.reshape(-1), t, 0))
    for name, forward, theirs in [("tril", np.tril, torch.tril), ("triu", np.triu, torch.triu)]:
        for shape in MATRICES:
            for k in (0, 1, -1, 9):
                f.add(name, [lattice(name, shape)], [ref(0), {"k": k}], lambda x, k=k, g=forward: g(x, k),
                      lambda x, k=k, g=theirs: g(x, k))
        f.add(name, [integers(name, (3, 3), -5, 6)], [ref(0)], forward)
        f.add(name, [np.ones((2, 3), dtype=bool)], [ref(0)], forward)
        f.add(name, [np.full((2, 2), np.nan)], [ref(0)], forward)
    for shapes in [[(2, 1), (3,)], [(), (2,)], [(2,)], [(4, 1, 1), (2, 1), (3,)], [(0, 1), (1, 3)]]:
        xs = [lattice(f"arrays{i}", s) for i, s in enumerate(shapes)]
        f.add("broadcastArrays", xs, [ref(i) for i in range(len(xs))], lambda *x: np.broadcast_arrays(*x),
              lambda *x: torch.broadcast_tensors(*x))
    for shapes in [[(2,), (3,)], [(2,), (3,), (2,)], [(3,)], [(), (2,)], [(0,), (2,)]]:
        for how in ("xy", "ij"):
            xs = [lattice(f"mesh{i}", s) for i, s in enumerate(shapes)]
            f.add("meshgrid", xs, [[ref(i) for i in range(len(xs))], {"indexing": how}],
                  lambda *x, h=how: np.meshgrid(*x, indexing=h),
                  lambda *x, h=how: torch.meshgrid(*[t.reshape(-1) for t in x], indexing=h))
    for shape, options in [((5,), {}), ((5,), {"n": 2}), ((2, 4), {"axis": 0}), ((2, 4), {"axis": 1, "n": 3}),
                           ((1,), {}), ((3,), {"n": 0}), ((2, 3, 2), {"axis": 1})]:
        axis, n = options.get("axis", -1), options.get("n", 1)
        f.add("diff", [lattice("diff", shape)], [ref(0), options], lambda x, a=axis, n=n: np.diff(x, n, a),
              lambda x, a=axis, n=n: torch.diff(x, n, a))
    f.add("diff", [integers("diff", (5,), -9, 10)], [ref(0)], np.diff)


def axes_of(f):
    for shape, axes in [((2, 3), [0, -1]), ((), [0, 1]), ((3,), [1, 2]), ((2,), [0, 2])]:
        f.add("expandDims", [lattice("dims", shape)], [ref(0), axes], lambda x, a=tuple(axes): np.expand_dims(x, a))
    f.add("expandDims", [lattice("dims", (2, 3))], [ref(0)], lambda x: np.expand_dims(x, 0))
    for a, b in [([0, 1], [2, 0]), ([2], [0]), ([0, 2], [-1, 0]), ([], [])]:
        f.add("moveAxis", [lattice("moves", (2, 3, 4))], [ref(0), a, b], lambda x, a=a, b=b: np.moveaxis(x, a, b),
              lambda x, a=a, b=b: torch.movedim(x, a, b))
    for shift, axis in [([1, -1], [0, 1]), (2, [0, 1]), (4, None), ([1, 1], [0, 0])]:
        f.add("roll", [lattice("rolls", (2, 3))], [ref(0), shift, {"axis": axis}],
              lambda x, s=shift, a=axis: np.roll(x, s, a))
    for shape in [(3,), (2, 3), (2, 3, 2), (), (0, 2)]:
        f.add("roll", [lattice("rolls", shape)], [ref(0), 4], lambda x: np.roll(x, 4), lambda x: torch.roll(x, 4))
    xs = [lattice("flat0", (2, 2)), lattice("flat1", (3,))]
    f.add("concat", xs, [[ref(0), ref(1)], {"axis": None}], lambda *x: np.concatenate(x, axis=None),
          lambda *x: torch.cat([t.reshape(-1) for t in x]))
    for low, high in [((), ()), ((3,), (2, 1)), ((2, 3), (3,))]:
        x, a = lattice("cliptensor", (2, 3)), lattice("low", low, -2, 0)
        b = lattice("high", high, 0.25, 2) + 1 / 128
        f.add("clip", [x, a, b], [ref(0), {"min": ref(1), "max": ref(2)}], lambda x, a, b: np.clip(x, a, b))


def products(f):
    for m, n in [(1, 1), (2, 3), (4, 1), (0, 2)]:
        f.add("outer", [lattice("outera", (m,)), lattice("outerb", (n,))], [ref(0), ref(1)], np.outer, torch.outer)
    f.add("outer", [integers("oa", (2,), -9, 9), integers("ob", (3,), -9, 9)], [ref(0), ref(1)], np.outer)
    for p, q, axis in [((3,), (3,), -1), ((2, 3), (3,), -1), ((2, 3), (2, 3), 0), ((4, 3, 2), (3, 2), -2), ((0,), (0,), -1)]:
        rank = max(len(p), len(q))
        f.add("vecdot", [lattice("dota", p), lattice("dotb", q)], [ref(0), ref(1), {"axis": axis}],
              lambda a, b, d=axis: np.asarray((a * b).sum(d)), lambda a, b, d=axis: (a * b).sum(d))
    for p, q, axes in [((2, 3), (3, 4), 1), ((2, 3, 4), (3, 4, 2), 2), ((2,), (3,), 0), ((2, 3), (2, 3), 2),
                       ((2, 3, 4), (4, 2), [[2, 0], [0, 1]]), ((3, 2), (2, 3), [[0], [-1]]), ((0, 2), (2, 3), 1)]:
        f.add("tensordot", [lattice("tda", p), lattice("tdb", q)], [ref(0), ref(1), {"axes": axes}],
              lambda a, b, x=axes: np.tensordot(a, b, x), lambda a, b, x=axes: torch.tensordot(a, b, x))
    for p, q, axis in [((3,), (3,), -1), ((2, 3), (2, 3), -1), ((2, 3), (3,), -1), ((3, 2), (3, 2), 0), ((0, 3), (3,), -1)]:
        f.add("cross", [lattice("crossa", p), lattice("crossb", q)], [ref(0), ref(1), {"axis": axis}],
              lambda a, b, d=axis: np.cross(a, b, axis=d),
              (lambda a, b, d=axis: torch.cross(*torch.broadcast_tensors(a, b), d)) if 0 not in p else None)
    for shape in MATRICES:
        for k in (0, 1, -1, 5):
            f.add("diagonal", [lattice("diagonal", shape)], [ref(0), {"offset": k}],
                  lambda x, k=k: np.diagonal(x, k, -2, -1),
                  (lambda x, k=k: torch.diagonal(x, k, -2, -1)) if k < 5 and 0 not in shape else None)
            f.add("trace", [lattice("trace", shape)], [ref(0), {"offset": k}],
                  lambda x, k=k: np.asarray(np.trace(x, k, -2, -1)))
    f.add("trace", [integers("trace", (3, 3), -9, 9)], [ref(0)], lambda x: np.asarray(np.trace(x)))


def norms(f):
    for ord in (2, 1, 3, 0.5):
        for shape, axis in [((4,), None), ((2, 3), 1), ((2, 3), 0), ((2, 3, 2), [0, 2]), ((), None)]:
            options = {"ord": ord} if axis is None else {"ord": ord, "axis": axis}
            axes = tuple(range(len(shape))) if axis is None else tuple(np.atleast_1d(axis).tolist())
            def forward(x, o=ord, a=axes):
                return np.asarray((np.abs(x) ** o).sum(a) ** (1 / o))
            f.add("vectorNorm", [lattice("norm", shape)], [ref(0), options], forward,
                  lambda x, o=ord, a=axes: torch.linalg.vector_norm(x, o, a) if a else x.abs())
    for word, forward in [(0, lambda x: (x != 0).sum(1) * 1.0)]:
        f.add("vectorNorm", [integers("norm", (2, 4), -1, 2) / 2.0], [ref(0), {"ord": word, "axis": 1}], forward)
    zeros = np.array([[0.0, 0.0], [3.0, 4.0]])
    f.add("vectorNorm", [zeros], [ref(0), {"axis": 1}], lambda x: np.linalg.norm(x, axis=1),
          lambda x: torch.linalg.vector_norm(x, 2, 1))
    edges = np.array([[np.inf, 1.0], [np.nan, 1.0], [-np.inf, 0.0]])
    f.add("vectorNorm", [edges], [ref(0), {"axis": 1}], lambda x: np.linalg.norm(x, axis=1))
    for ord in ("fro", 1, -1):
        for shape in [(1, 1), (3, 3), (2, 4), (2, 3, 2)]:
            for keepdims in (False, True):
                f.add("matrixNorm", [lattice("mnorm", shape)], [ref(0), {"ord": ord, "keepdims": keepdims}],
                      lambda x, o=ord, k=keepdims: np.asarray(np.linalg.norm(x, o, (-2, -1), k)),
                      lambda x, o=ord, k=keepdims: torch.linalg.matrix_norm(x, o, (-2, -1), k))


def running(f):
    for shape, axis in [((1,), 0), ((5,), 0), ((8,), -1), ((2, 3), 0), ((3, 7), 1), ((2, 3, 2), 1), ((0,), 0), ((2, 0), 1)]:
        f.add("cumulativeProd", [lattice("cumprod", shape)], [ref(0), {"axis": axis}],
              lambda x, a=axis: np.cumprod(x, a), lambda x, a=axis: torch.cumprod(x, a))
        for name, forward, first in [("cumulativeProd", np.cumprod, 1.0), ("cumulativeSum", np.cumsum, 0.0)]:
            f.add(name, [lattice(name, shape)], [ref(0), {"axis": axis, "includeInitial": True}],
                  lambda x, a=axis, g=forward, v=first: np.concatenate(
                      [np.full([1 if i == a % x.ndim else n for i, n in enumerate(x.shape)], v), g(x, a)], a))
    zeros = np.array([[0.0, 2.0, 3.0], [2.0, 0.0, 0.0], [1.0, 0.0, 4.0]])
    f.add("cumulativeProd", [zeros], [ref(0), {"axis": 1}], lambda x: np.cumprod(x, 1), lambda x: torch.cumprod(x, 1))
    f.add("cumulativeProd", [integers("cumprod", (5,), -3, 4)], [ref(0)], np.cumprod)


def elementwise(f):
    for x in (np.zeros((0, 2)), np.float64(1.0)):
        f.add("isInf", [x], [ref(0)], np.isinf)
        f.add("signbit", [x], [ref(0)], np.signbit)


def more(f):
    for p, q in [((), ()), ((2, 1), (3,)), ((0,), (1,))]:
        f.add("nextafter", [lattice("nexta", p), lattice("nextb", q)], [ref(0), ref(1)], np.nextafter, only="float64")
    for shape in [(), (3,), (2, 3), (0,)]:
        f.add("positive", [lattice("positive", shape)], [ref(0)], np.positive, torch.positive)
    for name, forward in [("sum", np.sum), ("prod", np.prod), ("cumulativeSum", np.cumsum), ("cumulativeProd", np.cumprod)]:
        x = integers(f"{name} dtype", (2, 4), -3, 4)
        f.add(name, [x], [ref(0), {"axis": 1, "dtype": "float32"}], lambda x, g=forward: g(x, 1, dtype=np.float32))
        f.add(name, [x != 0], [ref(0), {"axis": 0, "dtype": "int32"}], lambda x, g=forward: g(x, 0, dtype=np.int32))
    for shape, at, n, axis in [((4,), (4,), 3, 0), ((4, 2), (4,), 2, 0), ((2, 4), (4,), 3, 1), ((2, 3, 2), (2, 3), 4, 0),
                               ((2, 4), (4,), 3, -1)]:
        x, i = lattice("segmentmean", shape), integers("segmentmean", at, 0, n)
        d = axis % (len(shape) - len(at) + 1)
        def mean(x, i, n=n, d=d, k=len(at)):
            rows = x.reshape(x.shape[:d] + (-1,) + x.shape[d + k:])
            flat = i.reshape(-1)
            parts = [np.take(rows, np.flatnonzero(flat == s), d) for s in range(n)]
            return np.stack([p.mean(d) if p.shape[d] else np.zeros(p.sum(d).shape) for p in parts], d)
        f.add("segmentMean", [x, i], [ref(0), ref(1), n, {"axis": axis}], mean)


def mixed(f):
    for kinds in [(np.int32, np.float64), (bool, np.int32), (np.float64, bool, np.int32)]:
        xs = [integers(f"mixed{i}", (2,), 0, 2).astype(k) for i, k in enumerate(kinds)]
        for name, forward in [("concat", np.concatenate), ("stack", np.stack)]:
            f.add(name, xs, [[ref(i) for i in range(len(xs))]], lambda *x, g=forward: g(x, 0))
    for shape, at, axis in [((3, 4), (1, 2), 1), ((1, 4), (3, 2), 1), ((2, 1, 3), (1, 4, 2), 2), ((3, 4), (2, 1), 0)]:
        x, i = lattice("alongstretched", shape), integers("alongstretched", at, 0, shape[axis])
        to = np.broadcast_shapes(*[tuple(1 if d == axis else n for d, n in enumerate(s)) for s in (shape, at)])
        def wide(y, n, to=to, a=axis):
            return [n if d == a else m for d, m in enumerate(to)]
        f.add("takeAlongAxis", [x, i], [ref(0), ref(1), {"axis": axis}],
              lambda x, i, a=axis, w=wide: np.take_along_axis(
                  np.broadcast_to(x, w(x, x.shape[a])), np.broadcast_to(i, w(i, i.shape[a])).astype(np.int64), a),
              lambda x, i, a=axis, w=wide: torch.gather(
                  x.expand(w(x, x.shape[a])), a, i.long().expand(w(i, i.shape[a]))))


def make():
    family = Family("standard")
    for part in (rearranging, axes_of, products, norms, running, elementwise, more, mixed):
        part(family)
    return [family]
