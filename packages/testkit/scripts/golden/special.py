"""Cases at special values: zeros of both signs, the smallest and largest numbers, infinities, NaN; every pair of them.

One case for each function and dtype. float32 results are float64 results rounded once; subnormal numbers stay.
"""
import mpmath
import numpy as np
import scipy.special as sp

from .core import Family, ref
from .elementwise import BINARY, COMPARE, UNARY
from . import functions
from .ordering import places
from .reduce import log_sum_exp

INF, NAN = np.inf, np.nan
KINDS = {"float64": np.float64, "float32": np.float32}


def both(*values):
    """Each value with either sign."""
    return [s * v for v in values for s in (1.0, -1.0)]


def grid(only):
    """±0, the smallest subnormal and normal numbers, ±1, the largest, ±∞, NaN."""
    f = np.finfo(KINDS[only])
    return np.array([*both(0.0, float(f.smallest_subnormal), float(f.tiny), 1.0, float(f.max), INF), NAN])


def turns(only):
    """Where functions of one number turn: halves to round, ends of domains, the ends of the range of eˣ."""
    end = {"float64": (700.0, 745.0), "float32": (87.0, 100.0)}[only]
    return np.array(both(0.5, 1.5, 2.5, 10.0, *end, 2.0 ** -100, 2.0 ** 100))


def binades(only):
    """Numbers between powers of two from 2⁻³⁰ up, and some next to multiples of π/2."""
    kind = KINDS[only]
    top, count = {"float64": (1023, 1), "float32": (127, 3)}[only]
    golden = (5 ** 0.5 - 1) / 2
    powers = [k for k in range(-30, top + 1) for _ in range(count)]
    signs = [(-1.0) ** (i % 3) for i in range(len(powers))]
    x = [s * 2.0 ** k * (1 + i * golden % 1) for i, (k, s) in enumerate(zip(powers, signs))]
    # The last three are the float32 numbers from 2²⁹ on, and those of [2⁸⁹, 2⁹⁰), that come closest to multiples of π/2.
    x += [2.0 ** 89, 2.0 ** 89 * 1.125, 2.0 ** 90 * (1 - 2.0 ** -24), 16367173 * 2.0 ** 72, 10741887 * 2.0 ** 11,
          14015064 * 2.0 ** 66]
    return np.array(x, dtype=kind).astype(np.float64)


def exact(name):
    """Sine, cosine or tangent with 1,200 bits, rounded once."""
    def rounded(x):
        with mpmath.workprec(1200):
            return np.array([float(getattr(mpmath, name)(mpmath.mpf(v))) for v in x])
    return rounded


def circular(f):
    for only in KINDS:
        for name in ("sin", "cos", "tan"):
            f.add(name, [binades(only)], [ref(0)], exact(name), only=only)


def sinc(x):
    """By mpmath: exactly 0 at whole numbers, where NumPy's sin(πx) is not."""
    at = lambda v: NAN if np.isnan(v) or np.isinf(v) else 1.0 if v == 0 else float(
        mpmath.sinpi(mpmath.mpf(v)) / (mpmath.pi * mpmath.mpf(v)))
    with mpmath.workprec(1200):
        return np.array([at(v) for v in x])


def apart(f):
    """The functions of functions.py."""
    for only in KINDS:
        x = np.concatenate([grid(only), turns(only)])
        for name, (forward, *_) in functions.UNARY.items():
            f.add(name, [x], [ref(0)], sinc if name == "sinc" else forward, only=only)
        y = np.concatenate([grid(only), [2.0, -3.0, 0.5]])
        for name, (forward, *_) in functions.BINARY.items():
            f.add(name, [column(y), y], [ref(0), ref(1)], forward, only=only)
    f.add("fmod", [column(WORDS), WORDS], [ref(0), ref(1)], np.fmod)


def column(x):
    return x.reshape(-1, 1)


def unary(f):
    more = {"positive": np.positive, "logicalNot": np.logical_not, "isNaN": np.isnan, "isFinite": np.isfinite,
            "isInf": np.isinf, "signbit": np.signbit}
    for only in KINDS:
        x = np.concatenate([grid(only), turns(only)])
        for name, (forward, theirs, _, _) in UNARY.items():
            f.add(name, [x], [ref(0)], forward, theirs, only=only, grad=only == "float64", cot=1.0,
                  agree=False)
        for name, forward in more.items():
            f.add(name, [x], [ref(0)], forward, only=only)


def binary(f):
    functions = {**{name: forward for name, (forward, *_) in BINARY.items()}, **COMPARE, "nextafter": None}
    for only, kind in KINDS.items():
        x = grid(only)
        for name, forward in functions.items():
            if forward is None:
                forward = lambda a, b, k=kind: np.nextafter(a.astype(k), b.astype(k)).astype(np.float64)
            more = [2.0, -3.0, 0.5] if name in ("pow", "mod", "floorDivide") else []
            y = np.concatenate([x, more])
            f.add(name, [column(y), y], [ref(0), ref(1)], forward, only=only)
        for low, high in [(-1, 1), (0, None), (None, 0), ("inf", "-inf")]:
            bounds = {k: v for k, v in (("min", low), ("max", high)) if v is not None}
            f.add("clip", [x], [ref(0), bounds],
                  lambda x, a=low, b=high: np.clip(x, -INF if a is None else float(a), INF if b is None else float(b)),
                  only=only)
        f.add("where", [np.array([[True], [False]]), x, x[::-1]], [ref(0), ref(1), ref(2)], np.where, only=only)
        f.add("cast", [x], [ref(0), "bool"], lambda x: x.astype(bool), only=only)


WORDS = np.array([0, 1, -1, 6, -6, 31, 32, 65537, -1000003, 2 ** 31 - 1, -2 ** 31], dtype=np.int32)


def whole(f):
    """Integers: two's complement that wraps; 0 is what a division by 0 gives."""
    one = {"neg": np.negative, "abs": np.abs, "sign": np.sign, "square": np.square, "bitwiseInvert": np.invert,
           "relu": lambda x: np.maximum(x, 0), **{n: lambda x: x for n in ("floor", "ceil", "round", "trunc")},
           "logicalNot": np.logical_not}
    for name, forward in one.items():
        f.add(name, [WORDS], [ref(0)], forward)
    two = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "mod": np.mod, "floorDivide": np.floor_divide,
           "maximum": np.maximum, "minimum": np.minimum, "bitwiseAnd": np.bitwise_and, "bitwiseOr": np.bitwise_or,
           "bitwiseXor": np.bitwise_xor, "bitwiseLeftShift": np.left_shift, "bitwiseRightShift": np.right_shift,
           **COMPARE}
    for name, forward in two.items():
        f.add(name, [column(WORDS), WORDS], [ref(0), ref(1)], forward)
    f.add("pow", [column(WORDS), np.abs(WORDS[[0, 1, 3, 5, 6, 7, 9]])], [ref(0), ref(1)], np.power)
    f.add("prod", [np.stack([WORDS[1:], WORDS[:0:-1]])], [ref(0), {"axis": 1}],
          lambda x: np.prod(x, axis=1, dtype=np.int32))
    for name, forward in {"sum": np.sum, "max": np.max, "min": np.min, "argmax": np.argmax, "argmin": np.argmin}.items():
        f.add(name, [WORDS.reshape(1, -1)], [ref(0), {"axis": 1}],
              lambda x, g=forward: g(x, axis=1).astype(np.int32))
    f.add("cumulativeSum", [WORDS.reshape(1, -1)], [ref(0), {"axis": 1}],
          lambda x: np.cumsum(x, axis=1, dtype=np.int32))
    f.add("matmul", [WORDS.reshape(1, -1), column(WORDS[::-1])], [ref(0), ref(1)], np.matmul)


def rows(only):
    """Rows of 15 (two whole vectors of kernels, one, and a tail) with special values in each of those places."""
    f = np.finfo(KINDS[only])
    tiny, huge = float(f.smallest_subnormal), float(f.max)
    plain = np.array([2.0, -1, 3, 0.5, -2, 1, 1, -0.5, 2, 0, -3, 4, 1, -1, 2])
    at = [{i: v} for v in (NAN, INF, -INF) for i in (0, 5, 9, 13)]
    at += [{3: INF, 11: INF}, {3: -INF, 14: -INF}, {2: INF, 12: -INF}, {2: INF, 12: NAN}, {14: NAN, 1: -INF},
           {1: NAN, 10: NAN}, {4: tiny, 12: -tiny}]
    found = []
    for places in at:
        row = plain.copy()
        row[list(places)] = list(places.values())
        found.append(row)
    found += [np.full(15, v) for v in (NAN, INF, -INF, 0.0, -0.0)]
    signs = np.where(np.arange(15) % 2, -0.0, 0.0)
    found += [signs, -signs, np.full(15, tiny), -np.abs(plain), np.where(np.arange(15) == 8, huge, 0.0)]
    return np.stack(found)


# The square of the largest float32 is too large for float32 alone; where products of subnormals round depends on their order.
WITHOUT = {"std": -1, "cumulativeProd": 18}


def over(f):
    one = {"sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min, "argmax": np.argmax,
           "argmin": np.argmin, "variance": np.var, "std": np.std, "all": np.all, "any": np.any,
           "countNonzero": np.count_nonzero, "cumulativeSum": np.cumsum, "cumulativeProd": np.cumprod,
           "softmax": sp.softmax, "logSoftmax": sp.log_softmax,
           "logSumExp": lambda x, axis: log_sum_exp(x, (axis,), False),
           "argsort": lambda x, axis: np.argsort(x, axis, kind="stable"), "sort": lambda x, axis: np.sort(x, axis)}
    for only in KINDS:
        x = rows(only)
        for name, forward in one.items():
            own = np.delete(x, WITHOUT[name], 0) if name in WITHOUT else x
            f.add(name, [own], [ref(0), {"axis": 1}], lambda x, g=forward: g(x, axis=1), only=only)
        for name in ("argsort", "sort"):
            f.add(name, [x], [ref(0), {"axis": 1, "descending": True}],
                  lambda x, n=name: places(x, 1, True) if n == "argsort" else top(x, 15, True)[0], only=only)
        for largest in (True, False):
            f.add("topK", [x], [ref(0), 6, {"axis": 1, "largest": largest}],
                  lambda x, d=largest: top(x, 6, d), only=only)


def top(x, k, largest):
    at = places(x, 1, largest)[:, :k]
    return [np.take_along_axis(x, at, 1), at]


def make():
    family = Family("special")
    for fill in (unary, circular, binary, whole, over, apart):
        fill(family)
    return [family]
