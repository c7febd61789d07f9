"""Cases of resampling: PyTorch's interpolate in float64, and NumPy's interp."""
import numpy as np
import torch

from .core import Family, lattice, ref

MODES = {
    "nearest": {1: "nearest", 2: "nearest", 3: "nearest"},
    "nearestExact": {1: "nearest-exact", 2: "nearest-exact", 3: "nearest-exact"},
    "linear": {1: "linear", 2: "bilinear", 3: "trilinear"},
    "cubic": {2: "bicubic"},
    "area": {1: "area", 2: "area", 3: "area"},
}
SHAPES = [((1, 2, 5), 8), ((2, 1, 5), 3), ((1, 1, 1), 4), ((1, 2, 4, 3), (6, 7)), ((2, 1, 5, 4), (2, 3)),
          ((1, 1, 3, 3), (3, 1)), ((1, 1, 2, 3, 2), (3, 2, 4))]
FACTORS = [((1, 2, 5), 2), ((1, 1, 7), 0.6), ((1, 2, 4, 3), (1.5, 2.3)), ((1, 1, 6, 5), 0.5), ((1, 1, 3, 3), 1)]


def make():
    family = Family("resampling")
    for mode, names in MODES.items():
        for cases, ours, theirs in ((SHAPES, "size", "size"), (FACTORS, "scaleFactor", "scale_factor")):
            for shape, to in cases:
                name = names.get(len(shape) - 2)
                if name is None:
                    continue
                for corners in ((False, True) if mode in ("linear", "cubic") else (None,)):
                    how = {ours: to, "mode": mode, **({} if corners is None else {"alignCorners": corners})}

                    def resample(x, to=to, name=name, corners=corners, theirs=theirs):
                        return torch.nn.functional.interpolate(
                            x, mode=name, align_corners=corners, **{theirs: to})
                    # PyTorch 1.13 derives "nearest" by the ratio of lengths where its values go by the factor
                    differs = mode.startswith("nearest") and to == (1.5, 2.3)
                    family.add("interpolate", [lattice("image", shape)], [ref(0), how],
                               lambda x, f=resample: f(torch.from_numpy(x)).numpy(), None if differs else resample)
    for n, count in [(1, 3), (2, 5), (6, 9)]:
        xp = np.sort(lattice("xp", (n,), -2, 2)) + np.arange(n) / 8
        x, fp = lattice("interp x", (count,), -4, 4), lattice("fp", (n,))
        family.add("interp", [x, xp, fp], [ref(0), ref(1), ref(2)], np.interp)
        family.add("interp", [xp, xp, fp], [ref(0), ref(1), ref(2)], np.interp)
    return [family]
