"""Cases of functions that stand apart from the common families: special functions, remainders, distances."""
import numpy as np
import scipy.spatial.distance as distance
import scipy.special as sp
import torch

from .core import Family, integers, lattice, ref
from .elementwise import LAYOUTS, SHAPES

INF, NAN = np.inf, np.nan


def root(x):
    return torch.sign(x) * torch.abs(x) ** (1 / 3)


def truncated(x, y):
    return x - torch.trunc(x / y) * y


# name: (NumPy or SciPy, PyTorch, low, high), as in elementwise.py
UNARY = {
    "cbrt": (np.cbrt, root, 0.25, 3),
    "exp2": (np.exp2, torch.exp2, -3, 3),
    "sinc": (np.sinc, torch.sinc, -3, 3),
    "lgamma": (sp.gammaln, torch.lgamma, 0.25, 12),
    "digamma": (sp.digamma, torch.digamma, 0.25, 12),
    "erfinv": (sp.erfinv, torch.erfinv, -0.95, 0.95),
}
BINARY = {
    "fmod": (np.fmod, torch.fmod, 0.25, 3),
    "xlogy": (sp.xlogy, torch.xlogy, 0.25, 3),
}


def unary(f):
    for name, (forward, theirs, low, high) in UNARY.items():
        for shape in SHAPES:
            # PyTorch's trigamma, the slope of digamma, has nine digits
            f.add(name, [lattice(name, shape, low, high)], [ref(0)], forward, theirs, grad=name != "digamma")
        x = integers(name, (4,), 1, 5) if name != "erfinv" else np.array([0, 1, 0, -1], dtype=np.int32)
        f.add(name, [x], [ref(0)], lambda x, g=forward: g(x.astype(np.float64)).astype(np.float32))
    negative = np.array([-0.25, -0.75, -1.5, -2.25, -3.625, -10.5])
    for name in ("lgamma", "digamma", "cbrt", "sinc"):
        f.add(name, [negative], [ref(0)], UNARY[name][0], UNARY[name][1], grad=name != "digamma")
    for n in range(5):
        for x in (lattice("polygamma", (5,), 0.25, 12), np.float64(1.5), np.zeros((0, 2))):
            f.add("polygamma", [x], [n, ref(0)], lambda x, n=n: sp.polygamma(n, x) if x.size else x,
                  lambda x, n=n: torch.polygamma(n, x), grad=n > 0, agree=False)
        f.add("polygamma", [integers("polygamma", (3,), 1, 5)], [n, ref(0)],
              lambda x, n=n: sp.polygamma(n, x.astype(np.float64)).astype(np.float32))
    poles = np.array([0.0, -1.0, -2.0, INF, NAN])
    for n in (1, 2, 3):
        f.add("polygamma", [poles], [n, ref(0)], lambda x, n=n: sp.polygamma(n, x))


def binary(f):
    for name, (forward, theirs, low, high) in BINARY.items():
        for i, (p, q) in enumerate(LAYOUTS):
            x, y = lattice(f"{name}{i}a", p, low, high), lattice(f"{name}{i}b", q, low, high)
            f.add(name, [x, y], [ref(0), ref(1)], forward, theirs)
        f.add(name, [lattice(name, (3,), low, high)], [ref(0), 2], lambda x, g=forward: g(x, 2.0))
        f.add(name, [lattice(name, (3,), low, high)], [2, ref(0)], lambda x, g=forward: g(2.0, x))
    signs = [g.ravel() for g in np.meshgrid([-2.5, -1.0, 1.0, 2.5], [-2.0, -0.75, 0.75, 2.0], indexing="ij")]
    f.add("fmod", signs, [ref(0), ref(1)], np.fmod, torch.fmod)
    f.add("divmod", signs, [ref(0), ref(1)], np.divmod)
    x = np.arange(-9, 10, dtype=np.int32)
    for by in (4, -4, 3):
        f.add("fmod", [x, np.int32(by)], [ref(0), ref(1)], np.fmod)
        f.add("divmod", [x, np.int32(by)], [ref(0), ref(1)], np.divmod)
    f.add("divmod", [lattice("divmod", (2, 1), -3, 3), lattice("divmod", (3,), 0.25, 2)], [ref(0), ref(1)], np.divmod)
    f.add("divmod", [lattice("divmod", (3,), -3, 3)], [ref(0), 0.75], lambda x: np.divmod(x, 0.75))
    pairs = [g.ravel() for g in np.meshgrid([0.0, 1.5, 2.0], [0.5, 1.0, 3.0], indexing="ij")]
    f.add("xlogy", pairs, [ref(0), ref(1)], sp.xlogy, torch.xlogy)
    f.add("xlogy", [integers("xlogy", (3,), 0, 3), integers("xlogy y", (3,), 1, 4)], [ref(0), ref(1)],
          lambda x, y: sp.xlogy(x.astype(np.float64), y.astype(np.float64)).astype(np.float32))


def finite(f):
    x = np.array([[NAN, INF, -INF], [1.5, -0.0, NAN]])
    for options in ({"nan": 1, "posInf": 2, "negInf": -3}, {"nan": -0.5, "posInf": 9, "negInf": 9}):
        theirs = {"nan": options["nan"], "posinf": options["posInf"], "neginf": options["negInf"]}
        f.add("nanToNum", [x], [ref(0), options], lambda x, o=theirs: np.nan_to_num(x, **o),
              lambda x, o=theirs: torch.nan_to_num(x, **{k: float(v) for k, v in o.items()}))
    f.add("nanToNum", [x], [ref(0)], np.nan_to_num, only="float64")
    f.add("nanToNum", [x], [ref(0)], lambda x: np.nan_to_num(x.astype(np.float32)).astype(np.float64), only="float32")
    for y in (integers("nanToNum", (3,), -3, 3), np.array([True, False]), np.zeros((0, 2)), np.float64(NAN)):
        f.add("nanToNum", [y], [ref(0)], np.nan_to_num)


def running(x, axis):
    return np.logaddexp.accumulate(x, axis=axis)


def cumulative(f):
    for shape, axis in (((5,), 0), ((1,), 0), ((0,), 0), ((2, 7), 1), ((4, 3), 0), ((2, 3, 2), 1), ((2, 3, 2), -1)):
        x = lattice("cumulativeLogSumExp", shape, -8, 8)
        f.add("cumulativeLogSumExp", [x], [ref(0), {"axis": axis}],
              lambda x, a=axis: running(x, a) if x.size else x, lambda x, a=axis: torch.logcumsumexp(x, a))
    x = lattice("cumulativeLogSumExp", (6,), -8, 8)
    f.add("cumulativeLogSumExp", [x], [ref(0)], lambda x: running(x, 0))
    f.add("cumulativeLogSumExp", [x], [ref(0), {"includeInitial": True}],
          lambda x: np.concatenate([[-INF], running(x, 0)]))
    f.add("cumulativeLogSumExp", [np.array([1000.0, 1000, -1000, 1001])], [ref(0)], lambda x: running(x, 0),
          lambda x: torch.logcumsumexp(x, 0))
    f.add("cumulativeLogSumExp", [integers("cumulativeLogSumExp", (4,), -3, 3)], [ref(0)],
          lambda x: running(x.astype(np.float64), 0).astype(np.float32))
    for x in ([-INF, -INF, 1.0, 2.0], [1.0, INF, -INF, 2.0], [-INF, INF, INF], [0.5, NAN, INF, 1.0], [INF, -INF, NAN]):
        f.add("cumulativeLogSumExp", [np.array(x)], [ref(0)], lambda x: running(x, 0))


METRICS = {2: ("euclidean", {}), 1: ("cityblock", {}), INF: ("chebyshev", {}), 0.5: ("minkowski", {"p": 0.5}),
           3: ("minkowski", {"p": 3}), 1.5: ("minkowski", {"p": 1.5})}


def distances(f):
    for p, (metric, options) in METRICS.items():
        for m, n, d in ((3, 4, 2), (1, 1, 3), (2, 2, 1)):
            x, y = lattice(f"cdist{p} x", (m, d)), lattice(f"cdist{p} y", (n, d))
            args = [ref(0), ref(1), {"p": "inf" if p == INF else p}]
            f.add("cdist", [x, y], args, lambda x, y, m=metric, o=options: distance.cdist(x, y, m, **o),
                  lambda x, y, p=p: torch.cdist(x, y, p=float(p), compute_mode="donot_use_mm_for_euclid_dist"))
    x, y = integers("cdist x", (3, 4), 0, 2) / 2.0, integers("cdist y", (2, 4), 0, 2) / 2.0
    f.add("cdist", [x, y], [ref(0), ref(1), {"p": 0}], lambda x, y: 1.0 * (x[:, None] != y[None]).sum(-1))
    x, y = lattice("cdist x", (2, 3, 2)), lattice("cdist y", (2, 4, 2))
    f.add("cdist", [x, y], [ref(0), ref(1)], lambda x, y: np.stack([distance.cdist(a, b) for a, b in zip(x, y)]),
          lambda x, y: torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist"))
    x, y = np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([[1.0, 2.0], [0.0, 1.0]])
    f.add("cdist", [x, y], [ref(0), ref(1)], distance.cdist,
          lambda x, y: torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist"))
    for m, n, d in ((0, 3, 2), (2, 0, 2), (2, 3, 0)):
        f.add("cdist", [np.zeros((m, d)), np.zeros((n, d))], [ref(0), ref(1)], lambda x, y: np.zeros((len(x), len(y))))


def make():
    family = Family("functions")
    for fill in (unary, binary, finite, cumulative, distances):
        fill(family)
    return [family]
