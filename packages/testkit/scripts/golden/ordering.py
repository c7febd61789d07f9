"""Cases of sorting, searching, counting and bitwise functions."""
import numpy as np
import torch

from .core import Family, integers, lattice, ref

SHAPES = [((1,), -1), ((5,), -1), ((7,), 0), ((2, 3), 0), ((2, 3), 1), ((3, 4, 2), 1), ((0,), 0), ((2, 0, 3), 2)]
SPECIAL = np.array([2.0, np.nan, 1.0, 2.0, -0.0, 0.0, np.nan, np.inf, -np.inf])


def places(x, axis, descending=False):
    """A stable order; descending as PyTorch has it, NaN first and ties as they came."""
    if not descending:
        return np.argsort(x, axis, kind="stable")
    return torch.sort(torch.from_numpy(x.copy()), dim=axis, descending=True, stable=True).indices.numpy()


def sorting(family):
    for i, (shape, axis) in enumerate(SHAPES):
        for descending in (False, True):
            ties = integers(f"sort{i}", shape, -2, 3) / 2.0
            options = {"axis": axis, "descending": descending}
            family.add("argsort", [ties], [ref(0), options], lambda x, a=axis, d=descending: places(x, a, d))
            x = lattice(f"sort{i}", shape)
            family.add("sort", [x], [ref(0), options],
                       lambda x, a=axis, d=descending: np.take_along_axis(x, places(x, a, d), a),
                       lambda x, a=axis, d=descending: torch.sort(x, dim=a, descending=d, stable=True).values)
    for descending in (False, True):
        options = {"descending": descending}
        family.add("sort", [integers("sort", (3, 4), -5, 6)], [ref(0), options],
                   lambda x, d=descending: np.take_along_axis(x, places(x, 1, d), 1))
    for shape, k, axis in [((5,), 2, -1), ((5,), 5, 0), ((5,), 0, 0), ((3, 4), 2, 0), ((3, 4), 3, 1), ((2, 4, 2), 1, 1)]:
        for largest in (True, False):
            x = lattice("topk", shape, -8, 8)
            x = x + np.arange(x.size).reshape(shape) / 4096
            def top(x, k=k, a=axis, d=largest):
                at = np.take(places(x, a, d), np.arange(k), a)
                return [np.take_along_axis(x, at, a), at]
            family.add("topK", [x], [ref(0), k, {"axis": axis, "largest": largest}], top)


def searching(family):
    edges = np.array([-1.5, -0.5, 0.25, 0.25, 1.25])
    for shape in [(), (0,), (1,), (6,), (2, 3)]:
        for side in ("left", "right"):
            x = integers("search", shape, -8, 8) / 4.0
            family.add("searchsorted", [edges, x], [ref(0), ref(1), {"side": side}],
                       lambda s, x, d=side: np.asarray(np.searchsorted(s, x, d)))
    known = np.array([-np.inf, -1.0, -0.0, 0.0, 2.0, np.inf, np.nan, np.nan])
    for side in ("left", "right"):
        family.add("searchsorted", [known, SPECIAL], [ref(0), ref(1), {"side": side}],
                   lambda s, x, d=side: np.searchsorted(s, x, d))
    family.add("searchsorted", [np.array([1, 3, 5], dtype=np.int32), np.array([0, 1, 2, 5, 9], dtype=np.int32)],
               [ref(0), ref(1)], lambda s, x: np.searchsorted(s, x))


def counting(family):
    for i, (shape, axis) in enumerate(SHAPES):
        x = integers(f"count{i}", shape, -1, 2) / 2.0
        for keepdims in (False, True):
            family.add("countNonzero", [x], [ref(0), {"axis": axis, "keepdims": keepdims}],
                       lambda x, a=axis, k=keepdims: np.asarray(np.count_nonzero(x, axis=a, keepdims=k)))
        family.add("nonzero", [x], [ref(0)], lambda x: list(np.nonzero(x)))
        family.add("uniqueValues", [x], [ref(0)], np.unique)
    family.add("countNonzero", [np.array([0.0, -0.0, np.nan, 1.0])], [ref(0)], lambda x: np.asarray(np.count_nonzero(x)))
    family.add("nonzero", [np.array([[True, False], [True, True]])], [ref(0)], lambda x: list(np.nonzero(x)))
    family.add("uniqueValues", [SPECIAL], [ref(0)], lambda x: np.unique(x, equal_nan=False))
    family.add("uniqueValues", [integers("unique", (3, 4), -3, 4)], [ref(0)], np.unique)


BITS = {"bitwiseAnd": np.bitwise_and, "bitwiseOr": np.bitwise_or, "bitwiseXor": np.bitwise_xor}
SHIFTS = {"bitwiseLeftShift": np.left_shift, "bitwiseRightShift": np.right_shift}


def bits(family):
    for name, forward in {**BITS, **SHIFTS}.items():
        for p, q in [((), ()), ((3,), (3,)), ((2, 1), (3,)), ((2, 3), ()), ((0,), (1,))]:
            family.add(name, [integers(f"{name}a", p, -99, 100), integers(f"{name}b", q, 0, 8)], [ref(0), ref(1)],
                       forward)
        family.add(name, [integers(name, (4,), -9, 10)], [ref(0), 3], lambda x, f=forward: f(x, np.int32(3)))
    two = np.array([True, True, False, False]), np.array([True, False, True, False])
    for name, forward in BITS.items():
        family.add(name, two, [ref(0), ref(1)], forward)
    for x in (two[0], np.int32(5), np.zeros((0, 2), dtype=np.int32)):
        family.add("bitwiseInvert", [x], [ref(0)], np.invert)


def make():
    order, bit = Family("ordering"), Family("bits")
    sorting(order)
    searching(order)
    counting(order)
    bits(bit)
    return [order, bit]
