"""Cases of NumPy's names that are made of other ops: products of any rank, stacks, spaced numbers, matrix functions."""
import numpy as np
import scipy.linalg
import scipy.signal
import torch

from .core import Family, integers, lattice, ref


def products(f):
    dots = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (4, 3, 2)), ((), (2, 3)),
            ((2,), ()), ((), ()), ((2, 0), (0, 3)), ((0, 2), (2, 3))]
    for m, n in dots:
        a, b = lattice("dot a", m), lattice("dot b", n)
        if m and n:
            axis = [[len(m) - 1], [max(len(n) - 2, 0)]]
            theirs = lambda x, y, d=axis: torch.tensordot(x, y, d)
        else:
            theirs = torch.mul
        f.add("dot", [a, b], [ref(0), ref(1)], np.dot, theirs)
    for m, n in [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3)), ((2, 1, 3), (3,)), ((2, 3), (2, 2, 3)), ((), (2, 3)),
                 ((2, 0), (3, 0))]:
        f.add("inner", [lattice("inner a", m), lattice("inner b", n)], [ref(0), ref(1)], np.inner, torch.inner)
    for m, n in [((2,), (3,)), ((2, 2), (2, 3)), ((2, 1), (3,)), ((3,), (2, 2)), ((2, 1, 2), (2, 2)), ((), (2,)),
                 ((), ()), ((0, 2), (2, 2)), ((1, 2, 1, 2), (2, 1, 3, 1))]:
        f.add("kron", [lattice("kron a", m), lattice("kron b", n)], [ref(0), ref(1)], np.kron, torch.kron,
              grad=np.prod(m) > 0)
    f.add("dot", [integers("dot a", (2, 3), -9, 10), integers("dot b", (3, 2), -9, 10)], [ref(0), ref(1)], np.dot)
    f.add("inner", [integers("inner a", (3,), -9, 10), integers("inner b", (2, 3), -9, 10)], [ref(0), ref(1)], np.inner)
    f.add("kron", [integers("kron a", (2,), -9, 10), integers("kron b", (2, 2), -9, 10)], [ref(0), ref(1)], np.kron)
    f.add("kron", [np.array([1.0, np.nan]), np.array([0.0, np.inf])], [ref(0), ref(1)], np.kron)
    for shapes in [[(2, 3), (3, 4)], [(2, 3), (3, 5), (5, 1)], [(4, 2), (2, 6), (6, 3), (3, 1)], [(3,), (3, 2), (2, 4)],
                   [(2, 3), (3, 4), (4,)], [(3,), (3, 5), (5, 2), (2,)], [(3,), (3,)],
                   [(6, 7), (7, 3), (3, 1), (1, 4), (4, 8), (8, 5)], [(2, 0), (0, 3), (3, 2)]]:
        xs = [lattice(f"multi {i}", s) for i, s in enumerate(shapes)]
        f.add("multiDot", xs, [[ref(i) for i in range(len(xs))]], lambda *x: np.asarray(np.linalg.multi_dot(x)),
              lambda *x: torch.linalg.multi_dot(x))


def fits(shape, k):
    """PyTorch refuses diagonals outside of the matrix."""
    return 0 not in shape and (len(shape) == 1 or -shape[0] < k < shape[1])


def places(f):
    for shape in [(3,), (1,), (0,), (2, 3), (3, 2), (3, 3), (0, 2)]:
        for k in (0, 1, -1, 2, -2):
            f.add("diag", [lattice("diag", shape)], [ref(0), {"k": k}], lambda x, k=k: np.diag(x, k),
                  (lambda x, k=k: torch.diag(x, k)) if fits(shape, k) else None)
    f.add("diag", [integers("diag", (3,), -9, 10)], [ref(0)], np.diag)
    f.add("diag", [np.array([True, False])], [ref(0), {"k": -1}], lambda x: np.diag(x, -1))
    f.add("diag", [np.array([np.nan, np.inf])], [ref(0), {"k": 1}], lambda x: np.diag(x, 1))
    names = [("vstack", np.vstack, torch.vstack), ("hstack", np.hstack, torch.hstack),
             ("dstack", np.dstack, torch.dstack), ("columnStack", np.column_stack, torch.column_stack)]
    lists = {
        "vstack": [[(3,), (3,)], [(3,), (2, 3)], [(2, 3), (1, 3)], [(), ()], [(1, 2, 2), (2, 2, 2)], [(0, 2), (2,)]],
        "hstack": [[(3,), (2,)], [(), (2,)], [(2, 3), (2, 1)], [(2, 1, 2), (2, 3, 2)], [(), ()], [(0,), (2,)]],
        "dstack": [[(3,), (3,)], [(), ()], [(2, 3), (2, 3)], [(2, 3, 2), (2, 3)], [(1, 2), (2,)], [(0, 2), (0, 2)]],
        "columnStack": [[(3,), (3,)], [(3,), (3, 2)], [(2, 3), (2, 1)], [(), ()], [(2, 1, 2), (2, 2, 2)], [(0,), (0,)]],
    }
    for name, forward, theirs in names:
        for shapes in lists[name]:
            xs = [lattice(f"{name} {i}", s) for i, s in enumerate(shapes)]
            f.add(name, xs, [[ref(i) for i in range(len(xs))]], lambda *x, g=forward: g(x), lambda *x, g=theirs: g(x))
        f.add(name, [integers(name, (2,), -9, 10), np.array([True, False])], [[ref(0), ref(1)]],
              lambda *x, g=forward: g(x).astype(np.int32))
    for shape, k, axes in [((2, 3), 1, (0, 1)), ((2, 3), 2, (0, 1)), ((2, 3), 3, (0, 1)), ((2, 3), 4, (0, 1)),
                           ((2, 3), -1, (0, 1)), ((2, 3), -7, (1, 0)), ((2, 3, 4), 1, (1, 2)), ((2, 3, 4), 1, (2, 0)),
                           ((2, 3, 4), 3, (0, -1)), ((2, 3, 4), 2, (-1, 0)), ((0, 2), 1, (0, 1))]:
        f.add("rot90", [lattice("rot", shape)], [ref(0), {"k": k, "axes": list(axes)}],
              lambda x, k=k, a=axes: np.rot90(x, k, a), lambda x, k=k, a=axes: torch.rot90(x, k, a))


def spaced(f):
    for only in ("float64", "float32"):
        for start, stop, n, options in [(0, 3, 4, {}), (-2, 2, 7, {}), (0, 2, 5, {"endpoint": False}), (2, -1, 6, {}),
                                        (0, 8, 9, {"base": 2}), (0, 1, 4, {"base": 0.5}), (1, 2, 1, {}), (1, 2, 0, {}),
                                        (0, 5, 6, {"base": 2.718281828459045, "endpoint": False}), (0, 0, 3, {})]:
            f.add("logspace", [], [start, stop, n, {"dtype": only, **options}],
                  lambda a=start, b=stop, n=n, o=options: np.logspace(a, b, n, **o), only=only)
        for start, stop, n, options in [(1, 1000, 4, {}), (1000, 1, 4, {}), (-1000, -1, 4, {}), (-0.25, -7, 5, {}),
                                        (1, 256, 9, {}), (1, 1000, 3, {"endpoint": False}), (0.1, 0.3, 6, {}),
                                        (3, 5, 1, {}), (3, 5, 0, {}), (2, 2, 3, {}), (1e-30, 1e30, 7, {})]:
            f.add("geomspace", [], [start, stop, n, {"dtype": only, **options}],
                  lambda a=start, b=stop, n=n, o=options: np.geomspace(a, b, n, **o), only=only)
        for name, forward in [("hann", scipy.signal.windows.hann), ("hamming", scipy.signal.windows.hamming),
                              ("blackman", scipy.signal.windows.blackman)]:
            for n in (0, 1, 2, 3, 4, 7, 16):
                for periodic in (False, True):
                    f.add(name, [], [n, {"dtype": only, "periodic": periodic}],
                          lambda n=n, p=periodic, g=forward: g(n, sym=not p), only=only)


def comparisons(f):
    special = np.array([0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-9, 1.0000078125])
    for options in [{}, {"equalNan": True}, {"rtol": 0.0, "atol": 0.5}, {"rtol": 0.5, "atol": 0}]:
        keywords = {"equal_nan" if k == "equalNan" else k: v for k, v in options.items()}
        f.add("isClose", [special[:, None], special], [ref(0), ref(1), options],
              lambda x, y, k=keywords: np.isclose(x, y, **k), lambda x, y, k=keywords: torch.isclose(*torch.broadcast_tensors(x, y), **k),
              grad=False)
        for other in (special, special + 1e-9, special[::-1].copy(), special * 1.25):
            f.add("allClose", [special, other], [ref(0), ref(1), options],
                  lambda x, y, k=keywords: np.asarray(np.allclose(x, y, **k)))
    whole = integers("close", (2, 3), -50, 50)
    f.add("isClose", [whole, whole + 1], [ref(0), ref(1), {"rtol": 0.05}], lambda x, y: np.isclose(x, y, rtol=0.05))
    f.add("isClose", [np.array([2147483647, 2147483647], dtype=np.int32), np.array([-2147483648, 2147483646], dtype=np.int32)],
          [ref(0), ref(1), {"rtol": 0, "atol": 0.5}], lambda x, y: np.isclose(x, y, rtol=0, atol=0.5))
    f.add("isClose", [np.array([True, False]), np.array([True, True])], [ref(0), ref(1)], np.isclose)
    f.add("allClose", [np.zeros((0, 2)), np.zeros(2)], [ref(0), ref(1)], lambda x, y: np.asarray(np.allclose(x, y)))
    f.add("allClose", [np.array(1.0), np.ones((2, 2))], [ref(0), ref(1)], lambda x, y: np.asarray(np.allclose(x, y)))
    pairs = [(lattice("same", (2, 3)),) * 2, (np.ones(2), np.ones(1)), (np.ones((0, 2)), np.ones((0, 2))),
             (np.ones((0, 2)), np.ones((2, 0))), (np.array([0.0, np.inf]), np.array([-0.0, np.inf])),
             (special, special), (special, special[::-1].copy()), (np.array(2.0), np.array(2, dtype=np.int32)),
             (whole, whole.astype(np.float64)), (np.array([True]), np.array([1], dtype=np.int32))]
    for a, b in pairs:
        f.add("arrayEqual", [a, b], [ref(0), ref(1)], lambda x, y: np.asarray(np.array_equal(x, y)))
    for a, b in pairs[:7]:
        f.add("arrayEqual", [a, b], [ref(0), ref(1), {"equalNan": True}],
              lambda x, y: np.asarray(np.array_equal(x, y, equal_nan=True)))


def each(g, x):
    """scipy.linalg.expm takes batches from SciPy 1.9 on, but no empty ones."""
    return g(x) if x.size else x


def condition(x, p):
    """torch.linalg.cond has no gradient by norms of the inverse."""
    if p in (None, 2, -2):
        return torch.linalg.cond(x, p)
    return torch.linalg.matrix_norm(x, p) * torch.linalg.matrix_norm(torch.linalg.inv(x), p)


def matrices(f):
    for shape in [(1, 1), (2, 2), (3, 3), (5, 5), (2, 3, 3), (2, 1, 2, 2), (0, 3, 3), (0, 0)]:
        for size in (0.125, 1, 4):
            f.add("expm", [lattice("expm", shape, -1, 1) * size], [ref(0)], lambda x: each(scipy.linalg.expm, x),
                  torch.matrix_exp, grad=0 not in shape)
    f.add("expm", [np.zeros((3, 3))], [ref(0)], scipy.linalg.expm)
    f.add("expm", [np.array([[0.0, 1, 2], [0, 0, 3], [0, 0, 0]])], [ref(0)], scipy.linalg.expm)
    f.add("expm", [np.array([[0.0, 1048576], [0, 0]])], [ref(0)], scipy.linalg.expm)
    f.add("expm", [np.diag([-1000.0, 0, 1, 20])], [ref(0)], scipy.linalg.expm)
    f.add("expm", [np.array([[0.0, 3], [-3, 0]])], [ref(0)], lambda x: np.array([[np.cos(3), np.sin(3)], [-np.sin(3), np.cos(3)]]))
    f.add("expm", [np.array([[1.0, np.nan], [0, 1]])], [ref(0)], scipy.linalg.expm)
    f.add("expm", [np.array([[-49.0, 24], [-64, 31]]) / 8], [ref(0)], scipy.linalg.expm, torch.matrix_exp)
    f.add("expm", [integers("expm", (2, 2), -2, 3)], [ref(0)], lambda x: scipy.linalg.expm(x.astype(float)).astype(np.float32))
    norms = [None, 2, -2, 1, -1, "fro", "nuc", np.inf, -np.inf]
    for p in norms:
        name = p if p is None or isinstance(p, str) or np.isfinite(p) else None
        for shape in [(1, 1), (2, 2), (4, 4), (2, 3, 3), (3, 2), (2, 2, 4), (0, 2, 2)]:
            if shape[-1] != shape[-2] and p not in (None, 2, -2):
                continue
            if p is not None and not isinstance(p, str) and np.isinf(p):
                continue  # JSON has no infinities among options: conditionNumbers.test.ts has these
            a = lattice("cond", shape, -1, 1) + 3 * np.eye(*shape[-2:]) * (1 + np.arange(shape[-2])[:, None])
            f.add("cond", [a], [ref(0)] if p is None else [ref(0), {"p": name}],
                  lambda x, p=p: np.asarray(np.linalg.cond(x, p)), lambda x, p=p: condition(x, p),
                  grad=0 not in shape)


def make():
    family = Family("arrays")
    products(family)
    places(family)
    spaced(family)
    comparisons(family)
    matrices(family)
    return [family]
