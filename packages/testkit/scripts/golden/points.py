"""Special functions at many points by mpmath with 60 digits, as float64: about zeros and poles, in tails, between."""
import json
import math

import numpy as np
from mpmath import mp, mpf

from .range import erfinv, gammas, polygamma, sinc

ROOT = 1.4616321449683622  # of ψ


def beside(*centers):
    return [c + s * 2.0 ** -k for c in centers for k in (1, 2, 3, 5, 8, 13, 21, 30, 40, 50) for s in (1, -1)]


def draws(seed, low, high, count):
    return np.random.default_rng(seed).uniform(low, high, count).tolist()


POSITIVE = draws(1, 0, 3, 40) + draws(2, 2, 14, 40) + [10.0 ** k for k in draws(3, -300, 300, 40)] + beside(1, 2, ROOT)
NEGATIVE = [-x for x in draws(4, 0, 30, 40) + [10.0 ** k for k in draws(5, -300, 5, 20)]] + beside(-1, -2, -0.5)
NEGATIVE = [x for x in NEGATIVE if x < 0 and x != math.floor(x)]
HALVES = draws(6, -1, 1, 60) + [1 - 2.0 ** -k for k in range(2, 54, 3)] + [10.0 ** -k for k in range(1, 300, 17)]


def below(n, x):
    """ψ⁽ⁿ⁾ by reflection: the derivatives of the cotangent are polynomials in it."""
    if x > 0:
        return polygamma(n, x)
    p, c = [mpf(0), mpf(1)], mp.cospi(x) / mp.sinpi(x)
    for _ in range(n):
        p = [-(i - 1) * (p[i - 1] if 0 < i <= len(p) else 0) - (i + 1) * (p[i + 1] if i + 1 < len(p) else 0)
             for i in range(len(p) + 1)]
    return (-1) ** n * polygamma(n, 1 - x) - mp.pi ** (n + 1) * mp.polyval(p[::-1], c)


TABLES = [
    ("lgamma", [], POSITIVE + NEGATIVE, lambda x: gammas(x)[0]),
    ("digamma", [], POSITIVE + NEGATIVE, lambda x: gammas(x)[1]),
    *(("polygamma", [n], POSITIVE + NEGATIVE, lambda x, n=n: below(n, x)) for n in (1, 2, 3, 6)),
    ("erfinv", [], HALVES, lambda x: erfinv(x)[0]),
    ("sinc", [], draws(7, -40, 40, 60) + beside(0, 1, -3) + [10.0 ** k + 0.3 for k in range(8)], lambda x: sinc(x)[0]),
    ("cbrt", [], POSITIVE + NEGATIVE, lambda x: mp.sign(x) * mp.cbrt(abs(x))),
    ("exp2", [], draws(8, -1000, 1000, 60) + draws(9, -2, 2, 40), lambda x: mpf(2) ** x),
]


class Points:
    """A file of its own form: for each function its first arguments, points and values."""

    def write(self, folder):
        rows = []
        for name, first, xs, f in TABLES:
            pairs = [(x, float(f(mpf(x)))) for x in xs if f(mpf(x)) is not None]
            # beyond the normal numbers there are fewer digits
            pairs = [(x, y) for x, y in pairs if 2.0 ** -1022 <= abs(y) < math.inf]
            rows.append(json.dumps({"fn": name, "first": first, "in": [x for x, _ in pairs],
                                    "out": [y for _, y in pairs]}, separators=(",", ":")))
        path = folder / "points.json"
        path.write_text("[\n" + ",\n".join(rows) + "\n]\n")
        print(f"points: {len(rows)} functions, {path.stat().st_size} bytes")


def make():
    return [Points()]
