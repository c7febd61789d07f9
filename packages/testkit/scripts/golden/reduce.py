"""Cases of reductions, cumulative sums, softmax and layer normalisation."""
import numpy as np
import scipy.special as sp
import torch
import torch.nn.functional as F

from .core import Family, integers, lattice, ref

AXES = [((), [None]), ((1,), [None, 0]), ((5,), [None, -1]), ((2, 3), [None, 0, 1, [0, 1], []]),
        ((2, 3, 4), [None, 1, -1, [0, 2], [-1, 0], [1, 2]]), ((1, 3, 1), [0, [0, 2]]),
        ((2, 0, 3), [0, 2, [0, 2]])]
EMPTY = [((0,), [None, 0]), ((2, 0, 3), [None, 1, [1, 2]])]


def options(axis, keepdims, **more):
    found = dict(more)
    if axis is not None:
        found["axis"] = axis
    if keepdims:
        found["keepdims"] = True
    return found


def places(axis, rank):
    """The axes as a tuple, all of them for None."""
    if axis is None:
        return tuple(range(rank))
    return tuple(axis) if isinstance(axis, list) else (axis,)


def torch_over(f, axes, keepdims):
    """Applies a PyTorch reduction of one flattened axis over several, since not all take tuples."""
    def run(x):
        rank = x.dim()
        chosen = sorted(a % rank for a in axes) if rank else []
        rest = [i for i in range(rank) if i not in chosen]
        if not chosen and rank:
            return f(x.unsqueeze(-1))
        flat = x.permute(rest + chosen).reshape([x.shape[i] for i in rest] + [-1]) if x.numel() else \
            x.permute(rest + chosen).reshape([x.shape[i] for i in rest] + [int(np.prod([x.shape[i] for i in chosen]))])
        out = f(flat)
        return out.reshape([1 if i in chosen else x.shape[i] for i in range(rank)]) if keepdims else out
    return run


REDUCTIONS = {
    "sum": (np.sum, lambda x: x.sum(-1), True),
    "mean": (np.mean, lambda x: x.mean(-1), True),
    "max": (np.max, lambda x: x.amax(-1), False),
    "min": (np.min, lambda x: x.amin(-1), False),
    "prod": (np.prod, lambda x: x.prod(-1), True),
}


def reductions(family):
    # what float32 would round before it cancels
    large = np.array([[2 ** 24 + 1, -2 ** 24], [2 ** 31 - 1, 2 ** 31 - 2], [-2 ** 31, 2 ** 31 - 1]], dtype=np.int32)
    for name, forward in {"mean": np.mean, "variance": np.var, "std": np.std}.items():
        family.add(name, [large], [ref(0), {"axis": 1}], lambda x, g=forward: g(x, axis=1), only="float32")
    for name, (forward, theirs, identity) in REDUCTIONS.items():
        for shape, choices in AXES + (EMPTY if identity else []):
            x = lattice(name, shape)
            for axis in choices:
                for keepdims in ((False, True) if len(shape) > 1 else (False,)):
                    axes = places(axis, len(shape))
                    family.add(name, [x], [ref(0), options(axis, keepdims)],
                               lambda x, a=axes, k=keepdims, f=forward: f(x, axis=a, keepdims=k),
                               torch_over(theirs, axes, keepdims))
        if name != "mean":
            x = integers(name, (2, 3), -3, 4)
            family.add(name, [x], [ref(0), {"axis": 0}], lambda x, f=forward: f(x, axis=0))
    ties = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]])
    for name in ("max", "min"):
        forward, theirs, _ = REDUCTIONS[name]
        family.add(name, [ties], [ref(0), {"axis": 1}], lambda x, f=forward: f(x, axis=1), theirs)
    zeros = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 4.0]])
    family.add("prod", [zeros], [ref(0), {"axis": 1}], lambda x: x.prod(axis=1), lambda x: x.prod(1))
    family.add("sum", [np.array([True, False, True])], [ref(0)], lambda x: x.sum().astype(np.int32))


def tests(family):
    for name, forward in {"all": np.all, "any": np.any}.items():
        for shape, choices in AXES + EMPTY:
            x = integers(name, shape, -1, 2) != 0
            for axis in choices:
                axes = places(axis, len(shape))
                for keepdims in (False, True):
                    family.add(name, [x], [ref(0), options(axis, keepdims)],
                               lambda x, a=axes, k=keepdims, f=forward: f(x, axis=a, keepdims=k))
    for name, forward in {"argmax": np.argmax, "argmin": np.argmin}.items():
        for shape, choices in AXES[:-2]:
            for axis in (c for c in choices if not isinstance(c, list)):
                if shape == () and axis is not None:
                    continue
                for keepdims in (False, True):
                    x = integers(name, shape, -2, 3) / 2.0
                    family.add(name, [x], [ref(0), options(axis, keepdims)],
                               lambda x, a=axis, k=keepdims, f=forward: np.asarray(f(x, axis=a, keepdims=k)))


def spread(family):
    for name, root in {"variance": False, "std": True}.items():
        for shape, choices in AXES:
            x = lattice(name, shape, -4, 4)
            for axis in choices:
                for correction in (0, 1):
                    axes = places(axis, len(shape))
                    count = int(np.prod([shape[a] for a in axes])) if shape else 1
                    if count <= correction or (root and count < 2):
                        continue
                    f = torch.std if root else torch.var
                    theirs = torch_over(lambda x, c=correction, f=f: f(x, -1, correction=c), axes, True)
                    forward = np.std if root else np.var
                    family.add(name, [x], [ref(0), options(axis, True, correction=correction)],
                               lambda x, a=axes, c=correction, f=forward: f(x, axis=a, ddof=c, keepdims=True),
                               theirs)
    family.add("variance", [np.float64(3)], [ref(0)], np.var)
    family.add("variance", [np.zeros((2, 0))], [ref(0), {"axis": 1}], lambda x: np.full(2, np.nan))
    family.add("variance", [integers("variance", (4,), 0, 9)], [ref(0)], lambda x: np.float32(np.var(x)))


def cumulative(family):
    for shape, axis in [((1,), None), ((5,), None), ((5,), -1), ((2, 3), 0), ((2, 3), 1), ((2, 3, 2), 1),
                        ((0,), 0), ((2, 0), 0), ((2, 0), 1)]:
        args = [ref(0)] if axis is None else [ref(0), {"axis": axis}]
        family.add("cumulativeSum", [lattice("cumsum", shape)], args,
                   lambda x, a=axis: np.cumsum(x, axis=a or 0 if a != -1 else -1),
                   lambda x, a=axis: torch.cumsum(x, a or 0))
    family.add("cumulativeSum", [integers("cumsum", (2, 3), -3, 4)], [ref(0), {"axis": 1}],
               lambda x: np.cumsum(x, axis=1))


def log_sum_exp(x, axes, keepdims):
    if np.prod([x.shape[a] for a in axes]) == 0:
        return np.full(np.sum(x, axis=axes, keepdims=keepdims).shape, -np.inf)
    return np.asarray(sp.logsumexp(x, axis=axes, keepdims=keepdims)) if axes else x + 0.0


def exponentials(family):
    rows = np.array([[1000.0, 1000.0, 0.0], [-1000.0, -1000.0, 0.0], [-np.inf, 0.0, 1.0], [0.0, -0.0, 0.0]])
    for name, forward, theirs in [("softmax", sp.softmax, F.softmax), ("logSoftmax", sp.log_softmax, F.log_softmax)]:
        for shape, axes in [((1,), [-1]), ((5,), [-1, 0]), ((2, 3), [None, 0, 1]), ((2, 3, 4), [None, 0, 1]),
                            ((2, 1, 3), [1]), ((0, 3), [None])]:
            for axis in axes:
                args = [ref(0)] if axis is None else [ref(0), {"axis": axis}]
                at = -1 if axis is None else axis
                numpy = (lambda x, a=at, f=forward: f(x, axis=a)) if 0 not in shape else (lambda x: x)
                family.add(name, [lattice(name, shape, -4, 4)], args, numpy, lambda x, a=at, f=theirs: f(x, a))
        family.add(name, [rows], [ref(0)], lambda x, f=forward: f(x, axis=-1), lambda x, f=theirs: f(x, -1))
    for shape, choices in AXES + EMPTY:
        x = lattice("logsumexp", shape, -4, 4)
        for axis in choices:
            axes = places(axis, len(shape))
            for keepdims in (False, True):
                family.add("logSumExp", [x], [ref(0), options(axis, keepdims)],
                           lambda x, a=axes, k=keepdims: log_sum_exp(x, a, k),
                           torch_over(lambda x: torch.logsumexp(x, -1), axes, keepdims) if shape else None)
    family.add("logSumExp", [rows], [ref(0), {"axis": 1}], lambda x: log_sum_exp(x, (1,), False),
               lambda x: torch.logsumexp(x, 1))


def standardize(x, eps):
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + eps)


def norms(family):
    for shape in [(4,), (2, 3), (2, 3, 4), (1, 5), (3, 1), (0, 3)]:
        for eps in (1e-5, 0.5):
            x, w, b = (lattice(f"norm{k}", s) for k, s in (("x", shape), ("w", shape[-1:]), ("b", shape[-1:])))
            family.add("standardize", [x], [ref(0), {"eps": eps}], lambda x, e=eps: standardize(x, e),
                       lambda x, e=eps: F.layer_norm(x, x.shape[-1:], eps=e))
            family.add("layerNorm", [x, w, b], [ref(0), ref(1), ref(2), {"eps": eps}],
                       lambda x, w, b, e=eps: standardize(x, e) * w + b,
                       lambda x, w, b, e=eps: F.layer_norm(x, x.shape[-1:], w, b, eps=e))


def make():
    family, soft = Family("reduce"), Family("normalize")
    for fill in (reductions, tests, spread, cumulative):
        fill(family)
    for fill in (exponentials, norms):
        fill(soft)
    return [family, soft]
