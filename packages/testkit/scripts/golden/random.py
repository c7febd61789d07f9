"""Distribution functions of the random distributions at 60 places, and the probabilities of counts, from SciPy."""
import json

import numpy as np
from scipy import stats

SHARES = np.concatenate([[0.001, 0.003], np.linspace(0.01, 0.99, 56), [0.997, 0.999]])


def truncated(low, high, mean=0.0, std=1.0):
    return stats.truncnorm((low - mean) / std, (high - mean) / std, mean, std)


CONTINUOUS = [
    ("exponential", {"scale": 2.5}, stats.expon(scale=2.5)),
    *[("gamma", {"alpha": a, "scale": s}, stats.gamma(a, scale=s)) for a, s in
      [(0.05, 1), (0.5, 2), (1, 1), (3.7, 0.5), (1000, 1)]],
    *[("beta", {"a": a, "b": b}, stats.beta(a, b)) for a, b in [(0.1, 0.2), (1, 1), (2, 5), (300, 0.7)]],
    ("gumbel", {"loc": 1, "scale": 2}, stats.gumbel_r(1, 2)),
    ("laplace", {"loc": -1, "scale": 0.5}, stats.laplace(-1, 0.5)),
    ("cauchy", {"loc": 2, "scale": 3}, stats.cauchy(2, 3)),
    ("logNormal", {"mean": 0.5, "std": 0.75}, stats.lognorm(0.75, scale=np.exp(0.5))),
    *[("truncatedNormal", {"low": a, "high": b, "mean": m, "std": s}, truncated(a, b, m, s)) for a, b, m, s in
      [(-2, 2, 0, 1), (-0.5, 0.25, 0, 1), (1, 4, 3, 0.5), (0.1, 9, 0, 1), (2, 2.2, 0, 1), (6, 20, 0, 1), (-9, -7, 1, 2),
       (-5, 1, 0, 1)]],
    *[("weibull", {"alpha": a, "scale": s}, stats.weibull_min(a, scale=s)) for a, s in [(0.7, 1), (3, 2)]],
    *[("studentT", {"df": d}, stats.t(d)) for d in (0.8, 4, 50)],
    *[("chiSquare", {"df": d}, stats.chi2(d)) for d in (1, 7)],
]
COUNTS = [
    *[("poisson", {"rate": r}, stats.poisson(r)) for r in (0.2, 3, 9.9, 10, 37.5, 1e6)],
    *[("binomial", {"n": n, "p": p}, stats.binom(n, p)) for n, p in
      [(5, 0.3), (40, 0.1), (20, 0.5), (30, 0.9), (1000, 0.4), (10**6, 0.75)]],
    *[("geometric", {"p": p}, stats.geom(p)) for p in (0.9, 0.35, 0.02)],
]


def continuous(name, options, law):
    at = [float(f"{x:.6g}") for x in law.ppf(SHARES)]
    moments = [float(m) for m in law.stats("mv")]
    moments = [m if np.isfinite(m) else None for m in moments]
    return {"name": name, "options": options, "at": at, "cdf": law.cdf(at).tolist(), "moments": moments}


def counts(name, options, law):
    """Bins: up to edges[0], from there up to edges[1], …, above the last."""
    edges = sorted({int(k) for k in law.ppf(np.linspace(0.02, 0.98, 25))})
    sums = law.cdf(edges).tolist()
    return {"name": name, "options": options, "at": edges, "cdf": sums, "moments": [float(m) for m in law.stats("mv")]}


def write(folder):
    cases = {"continuous": [continuous(*c) for c in CONTINUOUS], "counts": [counts(*c) for c in COUNTS]}
    lists = [f'"{key}": [\n' + ",\n".join(json.dumps(c) for c in some) + "\n]" for key, some in cases.items()]
    (folder / "random.json").write_text("{\n" + ",\n".join(lists) + "\n}\n")
