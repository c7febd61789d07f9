"""Values, first and second derivatives over the whole range of floats, by mpmath with 60 digits.

Every elementwise function with a derivative at ±10ᵏ and where its tails begin: what it gives when no step on the way
overflows, underflows or cancels. Values of float32 are kept as float64, so that they may lie outside of float32.
"""
import json
import math

import numpy as np
from mpmath import mp, mpf

mp.dps = 60
ONE, HALF = mpf(1), mpf(1) / 2
LARGE = mpf(10) ** 5000  # stands for ∞: what it gives is the limit, to any float
KINDS = {"float32": np.float32, "float64": np.float64}
POWERS = {"float32": [-44, -38, -30, -25, -20, -19, -13, -10, -7, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 10, 13, 19,
                      20, 25, 30, 38],
          "float64": [-323, -308, -200, -160, -110, -100, -50, -20, -16, -10, -8, -5, -3, -1, 0, 1, 2, 3, 5, 8, 10, 16,
                      20, 50, 100, 110, 160, 200, 300, 308]}
PAIRS = {"float32": [1e-38, 1e-30, 1e-25, 1e-20, 1e-10, 0.5, 1e3, 1e10, 1e20, 1e25, 1e30, 2e38],
         "float64": [1e-308, 1e-250, 1e-200, 1e-160, 1e-50, 0.5, 1e3, 1e50, 1e160, 1e200, 1e250, 1e308]}
# Where tails begin: of σ and tanh in float32 and float64, of e^(−x²), and of eˣ.
TAILS = [0.5, 1.5, 2.5, 4.5, 6.0, 9.0, 12.0, 16.0, 20.0, 27.0, 38.0, 50.0, 80.0, 87.0, 350.0, 700.0]

LN2, LN10 = mp.log(2), mp.log(10)
K, C = mp.sqrt(2 / mp.pi), mpf("0.044715")
phi = lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)
Phi = lambda x: ONE if x > 1000 else mpf(0) if x < -1000 else mp.erfc(-x / mp.sqrt(2)) / 2
sig = lambda x: 1 / (1 + mp.exp(-x)) if x > 0 else mp.exp(x) / (1 + mp.exp(x))
bell = lambda x: 1 / (4 * mp.cosh(x / 2) ** 2)  # σ(x)(1 − σ(x))
sech2 = lambda x: 1 / mp.cosh(x) ** 2


def gelu_tanh(x):
    u, du, ddu = K * (x + C * x ** 3), K * (1 + 3 * C * x * x), 6 * K * C * x
    b = bell(2 * u)
    return x * sig(2 * u), sig(2 * u) + 2 * x * du * b, b * (4 * du + 2 * x * (ddu - 2 * mp.tanh(u) * du * du))


def tan(x):
    t = mp.tan(x)
    return t, 1 + t * t, 2 * t * (1 + t * t)


def asinh(x):
    return mp.sign(x) * mp.log1p(abs(x) + x * x / (1 + mp.sqrt(1 + x * x)))


def sinc(x):
    if abs(x) > mpf(10) ** 400:
        return None
    z = mp.pi * x
    if abs(z) < mpf(10) ** -15:
        return 1 - z * z / 6, -mp.pi * z / 3, mp.pi ** 2 * (z * z / 10 - ONE / 3)
    s, c = mp.sinpi(x), mp.cospi(x)
    return s / z, mp.pi * (c - s / z) / z, mp.pi ** 2 * (2 * s / z ** 3 - 2 * c / z ** 2 - s / z)


def polygamma(n, x):
    """ψ⁽ⁿ⁾ for x > 0; by its first terms where mpmath would need too many digits."""
    if x > mpf(10) ** 30:
        return mp.log(x) if n == 0 else (-1) ** (n + 1) * mp.factorial(n - 1) / x ** n
    return mp.digamma(x) if n == 0 else (-1) ** (n + 1) * mp.factorial(n) * mp.zeta(n + 1, x)


def gammas(x):
    """log |Γ|, ψ, ψ′ and ψ″; below 0 by reflection."""
    if x <= 0 and x == mp.floor(x):
        return None
    if x > 0:
        log = x * (mp.log(x) - 1) if x > mpf(10) ** 30 else mp.loggamma(x)
        return log, polygamma(0, x), polygamma(1, x), polygamma(2, x)
    s, c = mp.sinpi(x), mp.cospi(x) / mp.sinpi(x)
    return (mp.log(mp.pi / abs(s)) - gammas(1 - x)[0], polygamma(0, 1 - x) - mp.pi * c,
            mp.pi ** 2 * (1 + c * c) - polygamma(1, 1 - x),
            polygamma(2, 1 - x) - 2 * mp.pi ** 3 * c * (1 + c * c))


def erfinv(x):
    y = mp.erfinv(x) if abs(x) > mpf(10) ** -20 else x * mp.sqrt(mp.pi) / 2
    slope = mp.sqrt(mp.pi) / 2 * mp.exp(y * y)
    return y, slope, 2 * y * slope * slope


def flat(f):
    return lambda x: (f(x), mpf(0), mpf(0))


# Value, first and second derivative; None outside of the domain.
UNARY = {
    "neg": lambda x: (-x, -ONE, mpf(0)),
    "abs": lambda x: (abs(x), mp.sign(x), mpf(0)),
    "square": lambda x: (x * x, 2 * x, mpf(2)),
    "reciprocal": lambda x: (1 / x, -1 / x ** 2, 2 / x ** 3),
    "sqrt": lambda x: (mp.sqrt(x), 1 / (2 * mp.sqrt(x)), -1 / (4 * x * mp.sqrt(x))) if x > 0 else None,
    "rsqrt": lambda x: (1 / mp.sqrt(x), -1 / (2 * x * mp.sqrt(x)), 3 / (4 * x * x * mp.sqrt(x))) if x > 0 else None,
    "exp": lambda x: (mp.exp(x),) * 3,
    "expm1": lambda x: (mp.expm1(x), mp.exp(x), mp.exp(x)),
    "log": lambda x: (mp.log(x), 1 / x, -1 / x ** 2) if x > 0 else None,
    "log1p": lambda x: (mp.log1p(x), 1 / (1 + x), -1 / (1 + x) ** 2) if x > -1 else None,
    "log2": lambda x: (mp.log(x) / LN2, 1 / x / LN2, -1 / x ** 2 / LN2) if x > 0 else None,
    "log10": lambda x: (mp.log(x) / LN10, 1 / x / LN10, -1 / x ** 2 / LN10) if x > 0 else None,
    "sin": lambda x: (mp.sin(x), mp.cos(x), -mp.sin(x)),
    "cos": lambda x: (mp.cos(x), -mp.sin(x), -mp.cos(x)),
    "tan": tan,
    "asin": lambda x: (mp.asin(x), 1 / mp.sqrt((1 - x) * (1 + x)), x / mp.sqrt((1 - x) * (1 + x)) ** 3)
    if abs(x) < 1 else None,
    "acos": lambda x: (mp.acos(x), -1 / mp.sqrt((1 - x) * (1 + x)), -x / mp.sqrt((1 - x) * (1 + x)) ** 3)
    if abs(x) < 1 else None,
    "atan": lambda x: (mp.atan(x), 1 / (1 + x * x), -2 * x / (1 + x * x) ** 2),
    "sinh": lambda x: (mp.sinh(x), mp.cosh(x), mp.sinh(x)),
    "cosh": lambda x: (mp.cosh(x), mp.sinh(x), mp.cosh(x)),
    "tanh": lambda x: (mp.tanh(x), sech2(x), -2 * mp.tanh(x) * sech2(x)),
    "asinh": lambda x: (asinh(x), 1 / mp.sqrt(1 + x * x), -x / mp.sqrt(1 + x * x) ** 3),
    "acosh": lambda x: (mp.acosh(x), 1 / mp.sqrt((x - 1) * (x + 1)), -x / mp.sqrt((x - 1) * (x + 1)) ** 3)
    if x > 1 else None,
    "atanh": lambda x: (mp.log1p(2 * x / (1 - x)) / 2, 1 / ((1 - x) * (1 + x)), 2 * x / ((1 - x) * (1 + x)) ** 2)
    if abs(x) < 1 else None,
    "erf": lambda x: (mp.erf(x), 2 / mp.sqrt(mp.pi) * mp.exp(-x * x), -4 * x / mp.sqrt(mp.pi) * mp.exp(-x * x)),
    "sigmoid": lambda x: (sig(x), bell(x), -bell(x) * mp.tanh(x / 2)),
    "relu": lambda x: (max(x, 0), ONE if x > 0 else mpf(0), mpf(0)),
    "gelu": lambda x: (x * Phi(x), Phi(x) + x * phi(x), (2 - x * x) * phi(x)),
    "geluTanh": gelu_tanh,
    "silu": lambda x: (x * sig(x), sig(x) + x * bell(x), bell(x) * (2 - x * mp.tanh(x / 2))),
    "cbrt": lambda x: (mp.sign(x) * mp.cbrt(abs(x)), 1 / (3 * mp.cbrt(abs(x)) ** 2),
                       -2 * mp.sign(x) / (9 * mp.cbrt(abs(x)) ** 5)),
    "exp2": lambda x: (mpf(2) ** x, LN2 * mpf(2) ** x, LN2 ** 2 * mpf(2) ** x),
    "sinc": lambda x: sinc(x),
    "lgamma": lambda x: gammas(x) and gammas(x)[:3],
    "digamma": lambda x: gammas(x) and gammas(x)[1:],
    "erfinv": lambda x: erfinv(x) if abs(x) < 1 else None,
    "softplus": lambda x: (max(x, 0) + mp.log1p(mp.exp(-abs(x))), sig(x), bell(x)),
}


def hypot(a, b):
    f = mp.sqrt(a * a + b * b)
    return f, (a / f, b / f), (b * b / f ** 3, -a * b / f ** 3, a * a / f ** 3)


def power(a, b):
    if a <= 0 or abs(b) > 100:
        return None
    log = mp.log(a)
    return a ** b, (b * a ** (b - 1), a ** b * log), (b * (b - 1) * a ** (b - 2), a ** (b - 1) * (1 + b * log), a ** b * log ** 2)


def extremum(first):
    def at(a, b):
        if a == b:
            return None
        won = ONE if first(a, b) == a else mpf(0)
        return first(a, b), (won, 1 - won), NONE
    return at


def mod(a, b):
    q = mp.floor(a / b) if mp.mag(a) - mp.mag(b) < 150 else None
    return q if q is None else (a - q * b, (ONE, -q), NONE)


def fmod(a, b):
    found = mod(a, -b)
    return found if found is None else (found[0], (ONE, -found[1][1]), NONE)


NONE = (mpf(0), mpf(0), mpf(0))
# Value, ∂/∂a and ∂/∂b, then ∂²/∂a², ∂²/∂a∂b, ∂²/∂b².
BINARY = {
    "add": lambda a, b: (a + b, (ONE, ONE), NONE),
    "sub": lambda a, b: (a - b, (ONE, -ONE), NONE),
    "mul": lambda a, b: (a * b, (b, a), (mpf(0), ONE, mpf(0))),
    "div": lambda a, b: (a / b, (1 / b, -a / b ** 2), (mpf(0), -1 / b ** 2, 2 * a / b ** 3)),
    "pow": power,
    "mod": mod,
    "hypot": hypot,
    "fmod": lambda a, b: mod(a, b) if (a < 0) == (b < 0) else fmod(a, b),
    "xlogy": lambda a, b: (a * mp.log(b), (mp.log(b), a / b), (mpf(0), 1 / b, -a / b ** 2)) if b > 0 else None,
    "copysign": lambda a, b: (abs(a) * mp.sign(b), (mp.sign(a) * mp.sign(b), mpf(0)), NONE),
    "logaddexp": lambda a, b: (max(a, b) + mp.log1p(mp.exp(-abs(a - b))), (sig(a - b), sig(b - a)),
                               (bell(a - b), -bell(a - b), bell(a - b))),
    "maximum": extremum(max),
    "minimum": extremum(min),
    "atan2": lambda a, b: (mp.atan2(a, b), (b / (a * a + b * b), -a / (a * a + b * b)),
                           (-2 * a * b / (a * a + b * b) ** 2, (a - b) * (a + b) / (a * a + b * b) ** 2,
                            2 * a * b / (a * a + b * b) ** 2)),
}


LOGARITHMIC = ("log", "log1p", "log2", "log10", "asinh", "acosh", "digamma")


def text(v, digits):
    """The float64 nearest to v, to some digits; ±∞ beyond, 0 below, null outside of the domain."""
    if v is None:
        return "null"
    x = float(v) if abs(v) < mpf(2) ** 1024 else math.copysign(math.inf, mp.sign(v))
    if math.isinf(x):
        return '"inf"' if x > 0 else '"-inf"'
    return f"{x:.{digits}g}" if x else "0"


def points(kind):
    """±10ᵏ, where tails begin, next to ±1, and the largest number; last ∞."""
    limit = np.finfo(KINDS[kind])
    near = [1 - float(limit.epsneg), 1 + float(limit.eps), 1 - 1e-4, 1 + 1e-4]
    sizes = sorted({float(KINDS[kind](v)) for v in [10.0 ** k for k in POWERS[kind]] + TAILS + near} | {float(limit.max)})
    return [s * v for v in sizes for s in (1.0, -1.0)] + [math.inf, -math.inf]


def check():
    """Each derivative above beside differences, where those have digits."""
    for name, f in UNARY.items():
        for x in map(mpf, ("-1.75", "-0.625", "0.375", "2.25")):
            if f(x) is not None:
                for order in (0, 1):
                    slope = mp.diff(lambda t: f(t)[order], x)
                    assert abs(slope - f(x)[order + 1]) < mpf(10) ** -20, (name, x, order)
    for name, f in BINARY.items():
        a, b = mpf("0.625"), mpf("1.75")
        _, first, second = f(a, b)
        ways = [(lambda a, b: f(a, b)[0], first), (lambda a, b: f(a, b)[1][0], second[:2]),
                (lambda a, b: f(a, b)[1][1], second[1:])]
        for g, wanted in ways:
            for n, w in zip(((1, 0), (0, 1)), wanted):
                assert abs(mp.diff(g, (a, b), n) - w) < mpf(10) ** -20, (name, n)


def at(name, f, x):
    """f at x; at ±∞ the limit, which sines have not."""
    if x == math.inf and name == "lgamma":
        return mpf(x), mpf(x), mpf(0)
    if math.isinf(x):
        found = None if name in ("sin", "cos", "tan") else f(LARGE if x > 0 else -LARGE)
        return (mpf(x), *found[1:]) if found and name in LOGARITHMIC else found
    return f(mpf(x))


def row(values, digits):
    return f'[{",".join(text(v, digits) for v in values)}]'


def unary(kind, digits):
    xs = points(kind)
    yield f'{{"only":"{kind}","in":[{row(xs, 17)}],"of":{{'
    for i, (name, f) in enumerate(UNARY.items()):
        found = [at(name, f, x) or (None,) * 3 for x in xs]
        rows = ",".join(row(column, digits) for column in zip(*found))
        yield f'{"," if i else ""}"{name}":[{rows}]'
    yield "}}"


def binary(kind, digits):
    sizes = [float(KINDS[kind](v)) for v in PAIRS[kind]]
    pairs = [(a, s * b) for a in sizes for b in sizes for s in (1, -1)]
    yield f'{{"only":"{kind}","in":[{row([a for a, _ in pairs], 17)},{row([b for _, b in pairs], 17)}],"of":{{'
    for i, (name, f) in enumerate(BINARY.items()):
        found = []
        for a, b in pairs:
            value = f(mpf(a), mpf(b))
            found.append((None,) * 6 if value is None else (value[0], *value[1], *value[2]))
        rows = ",".join(row(column, digits) for column in zip(*found))
        yield f'{"," if i else ""}"{name}":[{rows}]'
    yield "}}"


class Range:
    """A file of its own form: one list of points for all functions."""

    def write(self, folder):
        check()
        parts = ["\n".join(f(kind, digits)) for f in (unary, binary)
                 for kind, digits in (("float32", 9), ("float64", 15))]
        path = folder / "range.json"
        path.write_text("[\n" + ",\n".join(parts) + "\n]\n")
        assert json.loads(path.read_text())
        print(f"range: {len(UNARY) + len(BINARY)} functions, {path.stat().st_size} bytes")


def make():
    return [Range()]
