"""Writes egnn.json: weights and outputs of EGNN in PyTorch, written from the paper's equations. Run: python3 make_egnn.py"""
import json
import pathlib

import torch
from torch.nn import functional as F

torch.manual_seed(0)
D = torch.float64
n, C, cs, ce, layers = 4, 6, 2, 1, 2

state = {}


def linear(name, inputs, outputs, bias=True):
    state[f"{name}.weight"] = torch.randn(outputs, inputs, dtype=D) * 0.4
    if bias:
        state[f"{name}.bias"] = torch.randn(outputs, dtype=D) * 0.1


def apply(name, x):
    return F.linear(x, state[f"{name}.weight"], state.get(f"{name}.bias"))


def mlp(name, x, end=False):
    y = apply(f"{name}.layers.1", F.silu(apply(f"{name}.layers.0", x)))
    return F.silu(y) if end else y


linear("embedding", cs + 1, C)
for i in range(layers):
    at = f"layers.{i}"
    linear(f"{at}.edge.layers.0", 2 * C + 1 + ce, C)
    linear(f"{at}.edge.layers.1", C, C)
    linear(f"{at}.node.layers.0", 2 * C, C)
    linear(f"{at}.node.layers.1", C, C)
    linear(f"{at}.hidden", C, C)
    linear(f"{at}.coordinate", C, 1, bias=False)
    linear(f"{at}.velocity.layers.0", C, C)
    linear(f"{at}.velocity.layers.1", C, 1)
linear("head.layers.0", C, C)
linear("head.layers.1", C, 3)

x0 = torch.randn(n, 3, dtype=D)
v0 = torch.randn(n, 3, dtype=D)
s = torch.randn(n, cs, dtype=D)
a = torch.randn(n, n, ce, dtype=D)

v = v0.clone()
h = apply("embedding", torch.cat([s, v.norm(dim=1, keepdim=True)], 1))
x = x0.clone()
for k in range(layers):
    at = f"layers.{k}"
    new_h, new_v = [], []
    for i in range(n):
        total, push = torch.zeros(C, dtype=D), torch.zeros(3, dtype=D)
        for j in range(n):
            if i == j:
                continue
            r = x[i] - x[j]
            m = mlp(f"{at}.edge", torch.cat([h[i], h[j], (r @ r).reshape(1), a[i, j]]), end=True)
            total = total + m
            push = push + r * apply(f"{at}.coordinate", F.silu(apply(f"{at}.hidden", m))) / (n - 1)
        new_v.append(mlp(f"{at}.velocity", h[i]) * v[i] + push)
        new_h.append(h[i] + mlp(f"{at}.node", torch.cat([h[i], total])))
    v, h = torch.stack(new_v), torch.stack(new_h)
    x = x + v

out = {
    "state": {k: w.tolist() for k, w in state.items()},
    "positions": x0.tolist(),
    "vectors": v0.tolist(),
    "scalars": s.tolist(),
    "edges": a.tolist(),
    "motion": (x - x0).tolist(),
    "said": mlp("head", h).tolist(),
}
pathlib.Path(__file__).with_name("egnn.json").write_text(json.dumps(out) + "\n")
