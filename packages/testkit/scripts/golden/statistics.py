"""Cases of quantiles, counts, covariances, areas and convolutions, as NumPy has them."""
import numpy as np
import torch

from .core import Family, integers, lattice, ref

METHODS = ["linear", "lower", "higher", "midpoint", "nearest"]


def quantiles(f):
    for shape, axis in [((5,), None), ((4,), 0), ((1,), -1), ((3, 4), None), ((3, 4), 0), ((3, 4), 1), ((2, 3, 4), [0, 2])]:
        x = lattice("quantile", shape)
        over = {} if axis is None else {"axis": axis}
        ax = tuple(axis) if isinstance(axis, list) else axis
        f.add("median", [x], [ref(0), over], lambda x, a=ax: np.asarray(np.median(x, a)))
        for q in (0, 0.3, 0.5, 1, [0.25, 0.9]):
            for method in METHODS:
                f.add("quantile", [x], [ref(0), q, {**over, "method": method}],
                      lambda x, q=q, a=ax, m=method: np.asarray(np.quantile(x, q, a, method=m)))
        f.add("percentile", [x], [ref(0), 30, over], lambda x, a=ax: np.asarray(np.percentile(x, 30, a)))
    x = lattice("quantile", (3, 4))
    f.add("quantile", [x], [ref(0), 0.4, {"axis": 1, "keepdims": True}],
          lambda x: np.quantile(x, 0.4, 1, keepdims=True))
    f.add("quantile", [x, np.array([0.125, 0.75])], [ref(0), ref(1), {"axis": 0}], lambda x, q: np.quantile(x, q, 0))
    holes = np.array([[1.0, np.nan, 3.0, 2.5], [np.nan, np.nan, np.nan, np.nan], [4.0, 1.0, 2.0, 8.0]])
    f.add("median", [holes], [ref(0), {"axis": 1}], lambda x: np.median(x, 1))
    f.add("quantile", [holes], [ref(0), 0.3, {"axis": 0}], lambda x: np.quantile(x, 0.3, 0))
    f.add("nanMedian", [holes], [ref(0), {"axis": 1}], lambda x: np.nanmedian(x, 1))
    f.add("nanMedian", [holes], [ref(0)], lambda x: np.asarray(np.nanmedian(x)))
    f.add("nanQuantile", [holes], [ref(0), [0.2, 0.5], {"axis": 1}], lambda x: np.nanquantile(x, [0.2, 0.5], 1))
    f.add("nanQuantile", [holes], [ref(0), 0.7, {"axis": 0}], lambda x: np.nanquantile(x, 0.7, 0))
    f.add("median", [integers("median", (2, 5), -9, 10)], [ref(0), {"axis": 1}], lambda x: np.median(x, 1).astype(np.float32))


def counts(f):
    x = integers("bincount", (12,), 0, 6)
    f.add("bincount", [x], [ref(0)], np.bincount)
    f.add("bincount", [x], [ref(0), {"minLength": 9}], lambda x: np.bincount(x, minlength=9))
    f.add("bincount", [x], [ref(0), {"length": 7}], lambda x: np.bincount(x, minlength=7))
    f.add("bincount", [x, lattice("weights", (12,))], [ref(0), {"weights": ref(1)}], lambda x, w: np.bincount(x, w))
    f.add("bincount", [np.zeros(0, np.int32)], [ref(0), {"minLength": 2}], lambda x: np.bincount(x, minlength=2))
    bins = np.array([-1.0, 0.0, 0.5, 2.0])
    for right in (False, True):
        f.add("digitize", [lattice("digit", (3, 5)), bins], [ref(0), ref(1), {"right": right}],
              lambda x, b, r=right: np.digitize(x, b, r))
        f.add("digitize", [np.array([-1.0, 0.5, 3.0, 0.0]), bins[::-1].copy()], [ref(0), ref(1), {"right": right}],
              lambda x, b, r=right: np.digitize(x, b, r))
    f.add("argwhere", [np.array([[0.0, 1, 2], [3, 0, 0]])], [ref(0)], np.argwhere)
    f.add("argwhere", [np.zeros((2, 2))], [ref(0)], np.argwhere)
    for shape in [(6,), (2, 3), (2, 3, 4)]:
        size = int(np.prod(shape))
        at = integers("unravel", (2, 2), 0, size)
        f.add("unravelIndex", [at], [ref(0), list(shape)], lambda i, s=shape: list(np.unravel_index(i, s)))
        along = [np.asarray(i, np.int32) for i in np.unravel_index(at, shape)]
        f.add("ravelMultiIndex", along, [[ref(i) for i in range(len(shape))], list(shape)],
              lambda *i, s=shape: np.ravel_multi_index(i, s))


def covariances(f):
    x, y = lattice("cov", (3, 6)), lattice("cov y", (6,))
    often, heavy = integers("often", (6,), 1, 4), np.abs(lattice("heavy", (6,))) + 0.5
    f.add("cov", [x], [ref(0)], np.cov, torch.cov)
    f.add("cov", [x], [ref(0), {"correction": 0}], lambda x: np.cov(x, ddof=0), lambda x: torch.cov(x, correction=0))
    f.add("cov", [x], [ref(0), {"rowvar": False}], lambda x: np.cov(x, rowvar=False), lambda x: torch.cov(x.T))
    f.add("cov", [x, y], [ref(0), {"y": ref(1)}], lambda x, y: np.cov(x, y), lambda x, y: torch.cov(torch.vstack([x, y])))
    f.add("cov", [y], [ref(0)], lambda x: np.asarray(np.cov(x)), torch.cov)
    f.add("cov", [x, often], [ref(0), {"fweights": ref(1)}], lambda x, w: np.cov(x, fweights=w), grad=False)
    f.add("cov", [x, heavy], [ref(0), {"aweights": ref(1)}], lambda x, w: np.cov(x, aweights=w), grad=False)
    f.add("cov", [x, often, heavy], [ref(0), {"fweights": ref(1), "aweights": ref(2), "correction": 0}],
          lambda x, f, a: np.cov(x, fweights=f, aweights=a, ddof=0), grad=False)
    f.add("corrcoef", [x], [ref(0)], np.corrcoef, grad=False)
    f.add("corrcoef", [x, y], [ref(0), {"y": ref(1)}], lambda x, y: np.corrcoef(x, y), grad=False)
    f.add("corrcoef", [y], [ref(0)], lambda x: np.asarray(np.corrcoef(x)), grad=False)


def areas(f):
    area = getattr(np, "trapezoid", None) or np.trapz
    for shape, axis in [((5,), -1), ((3, 4), 0), ((3, 4), 1), ((1,), 0), ((2, 3, 2), 1)]:
        y = lattice("area", shape)
        f.add("trapezoid", [y], [ref(0), {"axis": axis, "dx": 0.5}], lambda y, a=axis: np.asarray(area(y, dx=0.5, axis=a)),
              lambda y, a=axis: torch.trapezoid(y, dx=0.5, dim=a))
        places = np.cumsum(np.abs(lattice("places", (shape[axis],))) + 0.25)
        f.add("trapezoid", [y, places], [ref(0), {"axis": axis, "x": ref(1)}],
              lambda y, x, a=axis: np.asarray(area(y, x, axis=a)), grad=False)
        f.add("trapezoid", [y, lattice("all places", shape)], [ref(0), {"axis": axis, "x": ref(1)}],
              lambda y, x, a=axis: np.asarray(area(y, x, axis=a)), grad=False)


def signals(f):
    for n, m in [(5, 3), (3, 5), (4, 4), (6, 2), (2, 6), (1, 4), (5, 1), (7, 4), (4, 7)]:
        a, v = lattice("signal", (n,)), lattice("kernel", (m,))
        for mode in ("full", "same", "valid"):
            f.add("convolve", [a, v], [ref(0), ref(1), {"mode": mode}], lambda a, v, o=mode: np.convolve(a, v, o), grad=False)
            f.add("correlate", [a, v], [ref(0), ref(1), {"mode": mode}], lambda a, v, o=mode: np.correlate(a, v, o), grad=False)
    f.add("convolve", [integers("signal", (4,), -9, 10), integers("kernel", (3,), -9, 10)], [ref(0), ref(1)], np.convolve)


def make():
    f = Family("statistics")
    quantiles(f)
    counts(f)
    covariances(f)
    areas(f)
    signals(f)
    return [f]
