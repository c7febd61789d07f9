"""Cases of reductions that leave NaN out. Gradients where all is NaN are 0; PyTorch's of nanmean are NaN there."""
import numpy as np
import torch

from .core import Family, integers, lattice, ref
from .reduce import options, places

THEIRS = {"nanSum": np.nansum, "nanMean": np.nanmean, "nanMax": np.nanmax, "nanMin": np.nanmin,
          "nanVariance": np.nanvar, "nanStd": np.nanstd}
SHAPES = [((), [None]), ((5,), [None, 0]), ((3, 4), [None, 0, -1, [0, 1]]), ((2, 3, 4), [1, [0, 2]])]


def holes(key, shape, often=3):
    """Numbers of which about one in `often` is NaN; the first row is NaN alone."""
    x = lattice(key, shape)
    x = np.where(integers(key, shape, 0, often) == 0, np.nan, x)
    if len(shape) > 1:
        x[0] = np.nan
    return x


def skipping(f):
    for name, forward in THEIRS.items():
        spread = name in ("nanVariance", "nanStd")
        for shape, choices in SHAPES:
            x = holes(name, shape)
            for axis in choices:
                for keepdims in (False, True) if len(shape) > 1 else (False,):
                    for correction in (0, 1) if spread else (0,):
                        more = {"correction": correction} if spread else {}
                        theirs = {"ddof": correction} if spread else {}
                        a = None if axis is None else places(axis, len(shape))
                        torch_forward = None
                        if name == "nanSum":
                            torch_forward = (lambda x, a=places(axis, len(shape)), k=keepdims:
                                             torch.nansum(x, a, keepdim=k) if a else torch.nansum(x))
                        if name == "nanMean":
                            torch_forward = (lambda x, a=places(axis, len(shape)), k=keepdims:
                                             torch.nanmean(x, a, keepdim=k) if a else torch.nanmean(x))
                        f.add(name, [x], [ref(0), options(axis, keepdims, **more)],
                              lambda x, a=a, k=keepdims, g=forward, t=theirs: g(x, axis=a, keepdims=k, **t),
                              torch_forward, grad=not np.isnan(forward(x, axis=a)).any())
        f.add(name, [np.array([np.inf, np.nan, 1])], [ref(0)], forward)
        f.add(name, [np.array([-np.inf, np.nan, np.inf])], [ref(0)], forward)
        f.add(name, [np.full((2,), np.nan)], [ref(0)], forward)
        f.add(name, [lattice(name, (4,))], [ref(0)], forward)
    for name in ("nanSum", "nanMax", "nanMin"):
        f.add(name, [integers(name, (2, 3), -5, 6)], [ref(0), {"axis": 1}], lambda x, g=THEIRS[name]: g(x, axis=1))
    f.add("nanSum", [np.zeros((0, 2))], [ref(0), {"axis": 0}], lambda x: np.nansum(x, axis=0))
    f.add("nanMean", [np.zeros((0, 2))], [ref(0), {"axis": 0}], lambda x: np.nanmean(x, axis=0))


def make():
    f = Family("skipping")
    skipping(f)
    return [f]
