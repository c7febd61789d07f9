"""Cases of functions that move elements, and of those that read or add at indices."""
import numpy as np
import torch
import torch.nn.functional as F

from .core import Family, integers, lattice, ref


def span(r):
    """A range as Python writes it."""
    if r is None:
        return slice(None)
    return r if isinstance(r, int) else slice(*r)


def torch_slice(x, ranges):
    """Slicing with negative steps, which PyTorch leaves out: flips first."""
    for d, r in enumerate(ranges):
        if isinstance(r, int) or r is None:
            continue
        index = torch.arange(x.shape[d]).numpy()[slice(*r)]
        x = x.index_select(d, torch.from_numpy(index.copy()))
    return x[tuple(r if isinstance(r, int) else slice(None) for r in ranges)]


def shapes(family):
    for a, b in [((6,), [2, 3]), ((2, 3), [-1]), ((2, 3), [3, -1]), ((), [1, 1]), ((1,), []), ((0, 3), [3, 0]),
                 ((2, 3, 4), [4, 6]), ((0,), [0])]:
        family.add("reshape", [lattice("reshape", a)], [ref(0), b], lambda x, s=b: x.reshape(s),
                   lambda x, s=b: x.reshape(s))
    for shape, axes in [((), []), ((3,), [0]), ((2, 3), None), ((2, 3), [1, 0]), ((2, 3, 4), None),
                        ((2, 3, 4), [2, 0, 1]), ((2, 3, 4), [0, -1, 1]), ((2, 0, 3), [1, 2, 0]),
                        ((2, 1, 3, 2), [3, 1, 0, 2])]:
        family.add("permuteDims", [lattice("permute", shape)], [ref(0)] if axes is None else [ref(0), axes],
                   lambda x, a=axes: np.transpose(x, a),
                   lambda x, a=axes: x.permute(list(reversed(range(x.dim()))) if a is None else a))
    for a, b in [((), [2, 3]), ((3,), [2, 3]), ((2, 1), [2, 3]), ((1, 3), [4, 2, 3]), ((1,), [0]), ((2, 2), [2, 2]),
                 ((0, 1), [0, 3])]:
        family.add("broadcastTo", [lattice("broadcast", a)], [ref(0), b], lambda x, s=b: np.broadcast_to(x, s),
                   lambda x, s=b: x.expand(s))
    for shape, axis in [((), 0), ((), -1), ((2, 3), 0), ((2, 3), 1), ((2, 3), -1), ((0,), 0)]:
        family.add("expandDims", [lattice("expand", shape)], [ref(0), axis],
                   lambda x, a=axis: np.expand_dims(x, a), lambda x, a=axis: x.unsqueeze(a))
    for shape, axis in [((1, 2, 1), None), ((1, 2, 1), 0), ((1, 2, 1), -1), ((1, 1), [0, 1]), ((1, 0), 0), ((), None)]:
        family.add("squeeze", [lattice("squeeze", shape)], [ref(0)] if axis is None else [ref(0), axis],
                   lambda x, a=axis: np.squeeze(x, tuple(a) if isinstance(a, list) else a),
                   lambda x, a=axis: x.squeeze() if a is None else x.reshape(np.squeeze(
                       np.zeros(x.shape), tuple(a) if isinstance(a, list) else a).shape))
    for shape in [(2, 3), (4, 2, 3), (0, 2), (1, 1)]:
        family.add("matrixTranspose", [lattice("mT", shape)], [ref(0)], lambda x: np.swapaxes(x, -1, -2),
                   lambda x: x.mT)
    for shape, a, b in [((2, 3, 4), 0, 2), ((2, 3, 4), -1, 0), ((2, 3, 4), 1, 1), ((2, 3), 0, -1), ((3,), 0, 0)]:
        family.add("moveAxis", [lattice("move", shape)], [ref(0), a, b],
                   lambda x, a=a, b=b: np.moveaxis(x, a, b), lambda x, a=a, b=b: torch.movedim(x, a, b))


def parts(family):
    for shape, ranges in [((5,), [[1, 4]]), ((5,), [[None, None, -2]]), ((5,), [-2]), ((5,), [[4, None, -1]]),
                          ((5,), [[-100, 100, 2]]), ((5,), [[3, 1]]), ((4, 5), [None, [1, -1]]), ((4, 5), [2]),
                          ((4, 5), [[0, 4, 3], [3, 0, -2]]), ((4, 5), [[1, None], -1]), ((2, 3, 4), [0, None, [1, 3]]),
                          ((0, 2), [None, 1]), ((), []), ((2, 3), []), ((3,), [[-2, None]]), ((3,), [[None, -3, -1]]),
                          ((6,), [[5, None, -4]])]:
        index = tuple(span(r) for r in ranges)
        family.add("slice", [lattice("slice", shape)], [ref(0), ranges], lambda x, i=index: x[i],
                   lambda x, r=ranges: torch_slice(x, r))
    for shape, widths, value in [((3,), [[1, 2]], 0), ((2, 3), [[0, 1], [2, 0]], -1.5), ((), [], 0),
                                 ((0,), [[1, 1]], 7), ((1, 2, 1), [[1, 0], [0, 0], [0, 2]], 0)]:
        flat = [w for pair in reversed(widths) for w in pair]
        args = [ref(0), widths] if value == 0 else [ref(0), widths, {"value": value}]
        family.add("pad", [lattice("pad", shape)], args,
                   lambda x, w=widths, v=value: np.pad(x, w, constant_values=v) if w else x,
                   (lambda x, w=flat, v=value: F.pad(x, w, value=v)) if widths and 0 not in shape else None)
    for layout, axis in [([(2,), (3,)], 0), ([(2, 3), (1, 3)], 0), ([(2, 3), (2, 1), (2, 2)], 1), ([(2, 2), (2, 2)], -1),
                         ([(0,), (2,)], 0), ([(3,)], 0), ([(2, 0), (2, 1)], 1), ([(2, 1, 2), (2, 2, 2)], 1)]:
        inputs = [lattice(f"concat{i}", s) for i, s in enumerate(layout)]
        family.add("concat", inputs, [[ref(i) for i in range(len(inputs))], {"axis": axis}],
                   lambda *x, a=axis: np.concatenate(x, a), lambda *x, a=axis: torch.cat(x, a))
    for shape, n, axis in [((), 2, 0), ((3,), 2, 0), ((3,), 2, 1), ((2, 3), 3, -1), ((2, 3), 2, 1), ((0,), 2, 0),
                           ((2,), 1, 0)]:
        inputs = [lattice(f"stack{i}", shape) for i in range(n)]
        family.add("stack", inputs, [[ref(i) for i in range(n)], {"axis": axis}],
                   lambda *x, a=axis: np.stack(x, a), lambda *x, a=axis: torch.stack(x, a))
    for shape, cuts, axis in [((6,), 3, 0), ((4,), [1, 3], 0), ((2, 6), 2, 1), ((2, 5), [2, 0, 3], -1), ((3, 2), 3, 0),
                              ((0, 2), 2, 1)]:
        sizes = [shape[axis] // cuts] * cuts if isinstance(cuts, int) else cuts
        family.add("split", [lattice("split", shape)], [ref(0), cuts, {"axis": axis}],
                   lambda x, s=sizes, a=axis: np.split(x, np.cumsum(s)[:-1], a),
                   lambda x, s=sizes, a=axis: torch.split(x, s, a))
    for shape, axis in [((), None), ((4,), None), ((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3, 2), [0, 2]), ((0, 2), 1)]:
        axes = tuple(range(len(shape))) if axis is None else axis
        family.add("flip", [lattice("flip", shape)], [ref(0)] if axis is None else [ref(0), {"axis": axis}],
                   lambda x, a=axes: np.flip(x, a),
                   lambda x, a=axes: torch.flip(x, (a,) if isinstance(a, int) else tuple(a)))
    for shape, times in [((3,), [2]), ((2, 3), [2, 1]), ((2, 3), [2]), ((3,), [2, 2]), ((), [3]), ((2,), [0])]:
        family.add("tile", [lattice("tile", shape)], [ref(0), times], lambda x, t=times: np.tile(x, t),
                   lambda x, t=times: torch.tile(x, t))
    for shape, shift, axis in [((5,), 2, 0), ((5,), -1, 0), ((2, 3), 1, 1), ((2, 3), 7, -1), ((3, 2), 0, 0), ((0,), 1, 0)]:
        family.add("roll", [lattice("roll", shape)], [ref(0), shift, {"axis": axis}],
                   lambda x, s=shift, a=axis: np.roll(x, s, a), lambda x, s=shift, a=axis: torch.roll(x, s, a))


def take(x, i, axis):
    return x.index_select(axis, i.reshape(-1).long()).reshape(
        list(x.shape[:axis]) + list(i.shape) + list(x.shape[axis + 1:]))


def segment(v, i, n, axis):
    rows = v.reshape(list(v.shape[:axis]) + [-1] + list(v.shape[axis + i.dim():]))
    zero = torch.zeros(list(v.shape[:axis]) + [n] + list(v.shape[axis + i.dim():]), dtype=v.dtype)
    return zero.index_add(axis, i.reshape(-1).long(), rows)


def indices(family):
    for shape, at, axis in [((5,), (3,), 0), ((5,), (), 0), ((5,), (2, 2), 0), ((4, 3), (5,), 0), ((4, 3), (2,), 1),
                            ((4, 3), (2, 2), -1), ((2, 4, 3), (3,), 1), ((4, 3), (0,), 0), ((4, 0), (2,), 0),
                            ((1,), (4,), 0)]:
        n, d = shape[axis], axis % len(shape)
        x, i = lattice("take", shape), integers("take", at, 0, n)
        more = [] if axis == 0 else [{"axis": axis}]
        family.add("take", [x, i], [ref(0), ref(1), *more], lambda x, i, a=d: np.take(x, i, a),
                   lambda x, i, a=d: take(x, i, a))
        u = lattice("updates", shape[:d] + at + shape[d + 1:])
        def add_at(x, i, u, a=d):
            out = x.copy()
            np.add.at(out, (slice(None),) * a + (i,), u)
            return out
        rows = list(shape[:d]) + [int(np.prod(at))] + list(shape[d + 1:])
        family.add("indexAdd", [x, i, u], [ref(0), ref(1), ref(2), *more], add_at,
                   lambda x, i, u, a=d, r=rows: x.index_add(a, i.reshape(-1).long(), u.reshape(r)))
        def sums(u, i, a=d, n=n, s=shape):
            out = np.zeros(s)
            np.add.at(out, (slice(None),) * a + (i,), u)
            return out
        family.add("segmentSum", [u, i], [ref(0), ref(1), n, *more], sums,
                   (lambda u, i, n=n, a=d: segment(u, i, n, a)) if 0 not in shape + at else None)
    for shape, length, axis in [((4,), 3, -1), ((3, 4), 2, -1), ((3, 4), 5, 0), ((2, 3, 2), 2, 1), ((3, 4), 0, 1)]:
        d = axis % len(shape)
        at = shape[:d] + (length,) + shape[d + 1:]
        x, i = lattice("along", shape), integers("along", at, 0, shape[d])
        more = [] if axis == -1 else [{"axis": axis}]
        family.add("takeAlongAxis", [x, i], [ref(0), ref(1), *more],
                   lambda x, i, a=d: np.take_along_axis(x, i.astype(np.int64), a),
                   lambda x, i, a=d: torch.gather(x, a, i.long()))
        v = lattice("addalong", at)
        def add_along(v, i, n=shape[d], a=d, s=shape):
            return torch.zeros(s, dtype=v.dtype).scatter_add(a, i.long(), v)
        family.add("addAlongAxis", [v, i], [ref(0), ref(1), shape[d], *more],
                   lambda v, i, f=add_along: f(torch.from_numpy(v), torch.from_numpy(i)).numpy(), add_along)
    scatters(family)
    for shape, depth in [((), 3), ((4,), 3), ((2, 2), 2), ((0,), 2), ((3,), 1)]:
        family.add("oneHot", [integers("onehot", shape, 0, depth)], [ref(0), depth],
                   lambda i, n=depth: np.eye(n, dtype=np.float32)[i])


def scatters(family):
    """Writing at places. Of several values at one place PyTorch keeps any, so that those of "set" have places of their own."""
    for shape, length, axis in [((4,), 3, -1), ((3, 4), 2, -1), ((3, 4), 2, 0), ((2, 3, 2), 2, 1), ((3, 4), 0, 1)]:
        d = axis % len(shape)
        at = shape[:d] + (length,) + shape[d + 1:]
        x, v = lattice("put", shape), lattice("put values", at)
        lone = np.argsort(lattice("put places", shape), axis=d).take(range(length), d).astype(np.int32)
        some = integers("put", at, 0, shape[d])
        more = {} if axis == -1 else {"axis": axis}

        def put(x, i, v, a=d):
            out = x.copy()
            np.put_along_axis(out, i.astype(np.int64), v, a)
            return out
        family.add("putAlongAxis", [x, lone, v], [ref(0), ref(1), ref(2), *([more] if more else [])], put,
                   lambda x, i, v, a=d: x.scatter(a, i.long(), v))
        family.add("setAlongAxis", [x, lone, v], [ref(0), ref(1), ref(2), {"axis": d, "as": "set"}], put)
        for mode, theirs in (("add", "sum"), ("max", "amax"), ("min", "amin")):
            def reduce(x, i, v, a=d, how=theirs):
                return x.scatter_reduce(a, i.long(), v, how)
            family.add("putAlongAxis", [x, some, v], [ref(0), ref(1), ref(2), {"mode": mode, **more}],
                       lambda *xs, f=reduce: f(*map(torch.from_numpy, xs)).numpy(), reduce)
            if mode == "max":
                family.add("maxAlongAxis", [x, some, v], [ref(0), ref(1), ref(2), {"axis": d, "as": "max"}],
                           lambda *xs, f=reduce: f(*map(torch.from_numpy, xs)).numpy())
        rows = lattice("index put", shape[:d] + (2,) + shape[d + 1:])
        i = np.array([1, 0], dtype=np.int32)
        family.add("indexPut", [x, i, rows], [ref(0), ref(1), ref(2), {"axis": d}],
                   lambda x, i, v, a=d: np.stack([v.take(1, a), v.take(0, a)] + [x.take(k, a) for k in range(2, x.shape[a])], a),
                   lambda x, i, v, a=d: x.index_copy(a, i.long(), v))
        twice = np.array([1, 1], dtype=np.int32)
        for mode, theirs in (("max", "amax"), ("min", "amin"), ("add", None)):
            def index(x, i, v, a=d, how=theirs):
                return x.index_add(a, i.long(), v) if how is None else x.scatter_reduce(
                    a, i.long().view([-1 if k == a else 1 for k in range(x.dim())]).expand(v.shape), v, how)
            family.add("indexPut", [x, twice, rows], [ref(0), ref(1), ref(2), {"axis": d, "mode": mode}],
                       lambda *xs, f=index: f(*map(torch.from_numpy, xs)).numpy(), index)
        ids = integers("segments", shape[d:d + 1], 0, 3)
        for name, how in (("segmentMax", "amax"), ("segmentMin", "amin")):
            def segments(v, i, a=d, how=how):
                edge = -np.inf if how == "amax" else np.inf
                base = torch.full(v.shape[:a] + (3,) + v.shape[a + 1:], edge, dtype=v.dtype)
                return base.scatter_reduce(
                    a, i.long().view([-1 if k == a else 1 for k in range(v.dim())]).expand(v.shape), v, how)
            family.add(name, [x, ids], [ref(0), ref(1), 3, {"axis": d}],
                       lambda *xs, f=segments: f(*map(torch.from_numpy, xs)).numpy(), segments)
        ties = np.round(x)
        for y in (x, ties):
            for name, f in (("cumulativeMax", np.maximum), ("cumulativeMin", np.minimum)):
                family.add(name, [y], [ref(0), {"axis": d}], lambda x, f=f, a=d: f.accumulate(x, a),
                           lambda x, n=name, a=d: (x.cummax(a) if n == "cumulativeMax" else x.cummin(a)).values)
            family.add("cumulativeArgmax", [y], [ref(0), d],
                       lambda x, a=d: torch.from_numpy(x).cummax(a).indices.numpy().astype(np.int32))


def make():
    movement, indexing = Family("movement"), Family("indexing")
    shapes(movement)
    parts(movement)
    indices(indexing)
    return [movement, indexing]
