"""Cases of elementwise functions: arithmetic, special functions, comparisons, choices, casts."""
import numpy as np
import scipy.special as sp
import torch
import torch.nn.functional as F

from .core import Family, integers, lattice, ref

SHAPES = [(), (1,), (7,), (2, 3), (0,), (2, 0, 3), (1, 1, 2)]
LAYOUTS = [((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 2)), ((2, 2), ()), ((), ()),
           ((0,), (1,)), ((2, 1, 3), (4, 1)), ((1,), (1, 1))]

# name: (NumPy or SciPy, PyTorch, low, high)
UNARY = {
    "neg": (np.negative, torch.neg, -2, 2),
    "abs": (np.abs, torch.abs, -2, 2),
    "sign": (np.sign, torch.sign, -2, 2),
    "square": (np.square, torch.square, -2, 2),
    "reciprocal": (np.reciprocal, torch.reciprocal, 0.25, 3),
    "sqrt": (np.sqrt, torch.sqrt, 0.25, 3),
    "rsqrt": (lambda x: 1 / np.sqrt(x), torch.rsqrt, 0.25, 3),
    "exp": (np.exp, torch.exp, -3, 3),
    "expm1": (np.expm1, torch.expm1, -2, 2),
    "log": (np.log, torch.log, 0.125, 4),
    "log1p": (np.log1p, torch.log1p, -0.75, 3),
    "log10": (np.log10, torch.log10, 0.125, 4),
    "log2": (np.log2, torch.log2, 0.125, 4),
    "sin": (np.sin, torch.sin, -7, 7),
    "cos": (np.cos, torch.cos, -7, 7),
    "tan": (np.tan, torch.tan, -1.25, 1.25),
    "asin": (np.arcsin, torch.asin, -0.875, 0.875),
    "acos": (np.arccos, torch.acos, -0.875, 0.875),
    "atan": (np.arctan, torch.atan, -3, 3),
    "sinh": (np.sinh, torch.sinh, -3, 3),
    "cosh": (np.cosh, torch.cosh, -3, 3),
    "tanh": (np.tanh, torch.tanh, -3, 3),
    "asinh": (np.arcsinh, torch.asinh, -3, 3),
    "acosh": (np.arccosh, torch.acosh, 1.25, 4),
    "atanh": (np.arctanh, torch.atanh, -0.875, 0.875),
    "erf": (sp.erf, torch.erf, -4, 4),
    "sigmoid": (sp.expit, torch.sigmoid, -5, 5),
    "relu": (lambda x: np.maximum(x, 0.0) + 0.0, torch.relu, -2, 2),
    "gelu": (lambda x: np.where(x == -np.inf, -0.0, x * sp.ndtr(x)), F.gelu, -4, 4),
    "geluTanh": (lambda x: np.where(x == -np.inf, -0.0, x * sp.expit(np.sqrt(8 / np.pi) * (x + 0.044715 * x ** 3))),
                 lambda x: F.gelu(x, approximate="tanh"), -4, 4),
    "silu": (lambda x: np.where(x == -np.inf, -0.0, x * sp.expit(x)), F.silu, -5, 5),
    "softplus": (lambda x: np.logaddexp(x, 0), lambda x: F.softplus(x, threshold=1e9), -5, 5),
    "floor": (np.floor, torch.floor, -3, 3),
    "ceil": (np.ceil, torch.ceil, -3, 3),
    "round": (np.round, torch.round, -3, 3),
    "trunc": (np.trunc, torch.trunc, -3, 3),
}

BINARY = {
    "add": (np.add, torch.add, -2, 2),
    "sub": (np.subtract, torch.sub, -2, 2),
    "mul": (np.multiply, torch.mul, -2, 2),
    "div": (np.divide, torch.div, 0.25, 3),
    "pow": (np.power, torch.pow, 0.25, 3),
    "mod": (np.mod, torch.remainder, 0.25, 3),
    "maximum": (np.maximum, torch.maximum, -2, 2),
    "minimum": (np.minimum, torch.minimum, -2, 2),
    "atan2": (np.arctan2, torch.atan2, 0.25, 3),
    "hypot": (np.hypot, torch.hypot, 0.25, 3),
    "copysign": (np.copysign, torch.copysign, 0.25, 3),
    "logaddexp": (np.logaddexp, torch.logaddexp, -2, 2),
    "floorDivide": (np.floor_divide, lambda x, y: torch.floor(x / y), 0.25, 3),
}

COMPARE = {"equal": np.equal, "notEqual": np.not_equal, "less": np.less, "lessEqual": np.less_equal,
           "greater": np.greater, "greaterEqual": np.greater_equal, "logicalAnd": np.logical_and,
           "logicalOr": np.logical_or, "logicalXor": np.logical_xor}


def unary(family):
    for name, (forward, theirs, low, high) in UNARY.items():
        for shape in SHAPES:
            family.add(name, [lattice(name, shape, low, high)], [ref(0)], forward, theirs)
    for name in ("neg", "abs", "sign", "square", "relu"):
        x = integers(name, (2, 3), -5, 6)
        family.add(name, [x], [ref(0)], lambda x, f=UNARY[name][0]: np.asarray(f(x)).astype(np.int32))
    for name in ("sqrt", "exp"):
        x = integers(name, (4,), 0, 5)
        family.add(name, [x], [ref(0)], lambda x, f=UNARY[name][0]: f(x.astype(np.float32)))
    halves = np.arange(-9, 10) / 2.0
    family.add("round", [halves], [ref(0)], np.round, torch.round)


def binary(family):
    for name, (forward, theirs, low, high) in BINARY.items():
        for i, (p, q) in enumerate(LAYOUTS):
            x, y = lattice(f"{name}{i}a", p, low, high), lattice(f"{name}{i}b", q, low, high)
            family.add(name, [x, y], [ref(0), ref(1)], forward, theirs)
        if name not in ("div", "pow", "atan2", "mod", "hypot", "copysign", "logaddexp", "floorDivide"):
            x, y = integers(name, (2, 1), -5, 6), integers(name, (3,), -5, 6)
            family.add(name, [x, y], [ref(0), ref(1)], forward)
        family.add(name, [lattice(name, (3,), low, high)], [ref(0), 2], lambda x, f=forward: f(x, 2.0),
                   lambda x, f=theirs: f(x, torch.tensor(2, dtype=x.dtype)))
        family.add(name, [lattice(name, (3,), low, high)], [2, ref(0)], lambda x, f=forward: f(2.0, x),
                   lambda x, f=theirs: f(torch.tensor(2, dtype=x.dtype), x))
    ties = np.array([1.0, 2.0, -1.0]), np.array([1.0, 1.0, -1.0])
    for name in ("maximum", "minimum"):
        family.add(name, ties, [ref(0), ref(1)], *BINARY[name][:2])
    signs = [g.ravel() for g in np.meshgrid([-2.5, -1.0, 1.0, 2.5], [-2.0, -0.75, 0.75, 2.0], indexing="ij")]
    for name in ("add", "mul", "div", "atan2", "mod", "hypot", "copysign", "logaddexp"):
        family.add(name, signs, [ref(0), ref(1)], *BINARY[name][:2])
    family.add("mod", [np.arange(-6, 7, dtype=np.int32), np.int32(4)], [ref(0), ref(1)], np.mod)
    family.add("mod", [np.arange(-6, 7, dtype=np.int32), np.int32(-4)], [ref(0), ref(1)], np.mod)
    for by in (4, -4, 3):
        family.add("floorDivide", [np.arange(-9, 10, dtype=np.int32), np.int32(by)], [ref(0), ref(1)], np.floor_divide)
    family.add("floorDivide", signs, [ref(0), ref(1)], np.floor_divide)
    family.add("floorDivide", [np.array([1.0, -1.0, 0.3]), np.array([0.1, 0.1, 0.1])], [ref(0), ref(1)],
               np.floor_divide, only="float64")
    base, power = [g.ravel() for g in np.meshgrid([-2.0, -1.0, -0.5], [-2.0, 0.0, 1.0, 2.0, 3.0], indexing="ij")]
    family.add("pow", [base, power], [ref(0), ref(1)], np.power, torch.pow, grad=False)
    family.add("pow", [base], [ref(0), 3], lambda x: x ** 3, lambda x: x ** 3)
    family.add("pow", [np.array([0.0, 0.0, 0.0, 0.0]), np.array([0.0, 1.0, 2.0, 2.5])], [ref(0), ref(1)],
               np.power, torch.pow)


# Whole numbers that float32 rounds, and floats next to them: compared by their exact values, as NumPy does in float64.
WHOLE = np.array([0, 1, 16777216, 16777217, -16777217, 2147483520, 2147483647, -2147483648], dtype=np.int32)
BESIDE = np.array([0, 0.5, -0.5, 16777216, 16777218, -16777216, 2147483520, 2147483648, -2147483648, -2147483904,
                   4294967296, 1e30, -1e30, np.inf, -np.inf, np.nan]).astype(np.float32).astype(np.float64)


def compare(family):
    for name, forward in COMPARE.items():
        for i, (p, q) in enumerate(LAYOUTS):
            x, y = integers(f"{name}{i}a", p, -1, 2), integers(f"{name}{i}b", q, -1, 2)
            if i % 2 == 0:
                x, y = x / 2.0, y / 2.0
            family.add(name, [x, y], [ref(0), ref(1)], forward)
        family.add(name, [integers(name, (4,), 0, 2) > 0, np.bool_(True)], [ref(0), ref(1)], forward)
        family.add(name, [WHOLE.reshape(-1, 1), BESIDE], [ref(0), ref(1)], forward)
        family.add(name, [BESIDE, WHOLE.reshape(-1, 1)], [ref(0), ref(1)], forward)
        for number in BESIDE[np.isfinite(BESIDE)].tolist():
            family.add(name, [WHOLE], [ref(0), number], lambda x, f=forward, n=number: f(x, n))
            family.add(name, [WHOLE], [number, ref(0)], lambda x, f=forward, n=number: f(n, x))
    for name, forward in {"logicalNot": np.logical_not, "isNaN": np.isnan, "isFinite": np.isfinite}.items():
        for x in (np.zeros((0, 2)), np.float64(1.0)):
            family.add(name, [x], [ref(0)], forward)
    for i, (c, p, q) in enumerate([((3,), (3,), (3,)), ((2, 1), (3,), ()), ((), (2,), (2, 2)), ((), (), ()),
                                   ((2, 2), (), ()), ((0,), (1,), (0,)), ((4, 1, 1), (2, 1), (3,))]):
        condition = integers(f"where{i}", c, 0, 2) > 0
        x, y = lattice(f"where{i}x", p), lattice(f"where{i}y", q)
        family.add("where", [condition, x, y], [ref(0), ref(1), ref(2)], np.where, torch.where)
    bounds = [{"min": -0.5, "max": 1}, {"min": 0}, {"max": 0.25}]
    for bound in bounds:
        low, high = bound.get("min", -np.inf), bound.get("max", np.inf)
        for x in (lattice("clip", (7,)), lattice("clip", (2, 2)), np.float64(3), np.zeros(0),
                  np.array([-0.5, 1.0, 0.0, 0.25])):
            family.add("clip", [x], [ref(0), bound], lambda x, a=low, b=high: np.clip(x, a, b),
                       lambda x, a=low, b=high: torch.clamp(x, a, b))


def cast(family):
    floats = np.array([0.0, -0.0, 1.75, -1.75, 2.5, 100.0, -3.25])
    kinds = {"int32": np.int32, "bool": bool, "float32": np.float32}
    for x in (floats, integers("cast", (2, 3), -4, 5), np.array([True, False]), np.float64(2.5), np.zeros((0, 2))):
        for name, kind in kinds.items():
            family.add("cast", [x], [ref(0), name], lambda x, k=kind: x.astype(k))


def make():
    families = []
    for name, fill in {"unary": unary, "binary": binary, "compare": compare, "cast": cast}.items():
        family = Family(name)
        fill(family)
        families.append(family)
    return families
