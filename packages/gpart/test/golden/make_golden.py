"""Writes rivals.json and partitions.json: what the formulas of the methods give, in float64.

Independent of the library: NumPy and PyTorch evaluate each public formula in its plainest form, Python's own whole
numbers the partitions. Run with Debian 12's Python (`apt-get install python3-numpy python3-torch`):
`/usr/bin/python3 packages/gpart/test/golden/make_golden.py`. The files are committed; the tests need no Python.
"""
import json
import math
from pathlib import Path

import numpy as np
import torch

FOLDER = Path(__file__).parent
SHAPES = [(6, 4), (2, 6)]  # [out, in] of two targets, named a and b
N = sum(m * n for m, n in SHAPES)
rng = np.random.default_rng(20260514)
torch.set_default_dtype(torch.float64)

# ---- partitions, by Python's whole numbers -------------------------------------------------------------------------

M32, M64 = 2**32 - 1, 2**64 - 1
GOLDEN = 0x9E3779B9


def mix32(h):
    """MurmurHash3's finaliser."""
    h &= M32
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & M32
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & M32
    return h ^ (h >> 16)


def key_words(seed, count):
    low, high = seed & M32, seed >> 32
    a = mix32(low ^ GOLDEN)
    b = mix32(a ^ mix32(high + GOLDEN))
    return [mix32(mix32(a ^ ((r + 1) * GOLDEN & M32)) + b) for r in range(count)]


def child_seed(seed, part):
    low, high = seed & M32, seed >> 32
    a, b = key_words((high << 32) | (low ^ mix32(part + 1)), 2)
    return (b << 32) | a


def feistel(n, seed):
    """pi over {0 … n − 1}: eight rounds on an even number of bits, again while the result is too large."""
    bits = max(1, (n - 1).bit_length())
    half = max(1, -(-bits // 2))
    keys = key_words(seed, 8)

    def once(x):
        left, right = x >> half, x & (2**half - 1)
        for r in range(0, 8, 2):
            left ^= mix32(right + keys[r]) >> (32 - half)
            right ^= mix32(left + keys[r + 1]) >> (32 - half)
        return (left << half) | right

    def walk(x):
        x = once(x)
        while x >= n:
            x = once(x)
        return x

    return walk


def splitmix(i, seed):
    v = (i + seed + 0x9E3779B97F4A7C15) & M64
    v = ((v ^ (v >> 30)) * 0xBF58476D1CE4E5B9) & M64
    v = ((v ^ (v >> 27)) * 0x94D049BB133111EB) & M64
    return v ^ (v >> 31)


def group(scheme, n, d, seed):
    """g as a function of the index."""
    if scheme == "feistel-v1":
        pi = feistel(n, seed)
        return lambda i: pi(i) % d
    if scheme == "hash-v1":
        return lambda i: splitmix(i, seed) % d
    if scheme == "iid":
        a, b, c, e = key_words(seed, 4)
        return lambda i: ((mix32(mix32(i ^ a) + b) ^ mix32(mix32(i ^ c) + e)) * d) >> 32
    sizes = [n // d + (j < n % d) for j in range(d)]
    edges = np.cumsum(sizes)
    return lambda i: int(np.searchsorted(edges, i, side="right"))


def in_cells(scheme, sizes, cells, budgets, seed):
    """Each cell has its layers end to end, and the rule by a seed of its own."""
    count = max(cells) + 1
    lengths = [sum(s for s, c in zip(sizes, cells) if c == cell) for cell in range(count)]
    rules = [group(scheme, lengths[c], budgets[c], child_seed(seed, c)) for c in range(count)]
    first = [sum(budgets[:c]) for c in range(count)]
    found, within = [], [0] * count
    for size, c in zip(sizes, cells):
        found += [first[c] + rules[c](within[c] + i) for i in range(size)]
        within[c] += size
    return found


def signs(n, seed):
    a, b = key_words(child_seed(seed, 0x7369676E), 2)
    return [-1 if mix32(mix32(i ^ a) + b) >> 31 else 1 for i in range(n)]


def partitions():
    cases = []
    for scheme in ("feistel-v1", "hash-v1", "iid", "contiguous"):
        for n, d, seed in ((1, 1, 0), (10, 4, 1), (1000, 10, 0), (4096, 256, 42), (5000, 7, 2**53 - 1)):
            g = group(scheme, n, d, seed)
            at = list(range(min(n, 24))) + [n - 1]
            cases.append({"options": {"scheme": scheme, "n": n, "d": d, "seed": seed},
                          "at": at, "groups": [g(i) for i in at]})
    for n, d, seed in ((14155776, 23040, 42), (2**31 - 1, 1000000, 2**40 + 5)):
        for scheme in ("feistel-v1", "hash-v1", "iid"):
            g = group(scheme, n, d, seed)
            at = list(range(8)) + [n // 2, n - 2, n - 1]
            cases.append({"options": {"scheme": scheme, "n": n, "d": d, "seed": seed},
                          "at": at, "groups": [g(i) for i in at]})
    sizes, cells, budgets = [5, 12, 3, 20], [0, 1, 0, 1], [4, 9]
    for scheme in ("feistel-v1", "hash-v1", "iid", "contiguous"):
        groups = in_cells(scheme, sizes, cells, budgets, 6)
        cases.append({"options": {"scheme": scheme, "n": 40, "d": 13, "seed": 6, "sizes": sizes, "cells": cells,
                                  "budgets": budgets, "signed": True},
                      "at": list(range(40)), "groups": groups, "signs": signs(40, 6)})
    # shares of 6 groups by the largest remainder: 1.5, 3.6 and 0.9 become 1, 4 and 1
    groups = in_cells("feistel-v1", [5, 12, 3], [0, 1, 2], [1, 4, 1], 1)
    cases.append({"options": {"scheme": "per-layer", "n": 20, "d": 6, "seed": 1, "sizes": [5, 12, 3]},
                  "at": list(range(20)), "groups": groups})
    return cases


# ---- methods, by PyTorch --------------------------------------------------------------------------------------------


def draw(*shape):
    return torch.tensor(rng.standard_normal(shape))


def case(method, options, trained, frozen, delta):
    """ΔW of both targets end to end, and its gradient against a random cotangent by every trained tensor."""
    tracked = {name: x.clone().requires_grad_() for name, x in trained.items()}
    flat = torch.cat([x.reshape(-1) for x in delta(tracked, frozen)])
    cotangent = draw(N)
    grads = torch.autograd.grad(flat, list(tracked.values()), cotangent)

    def plain(x):
        return {"shape": list(x.shape), "data": x.detach().reshape(-1).tolist()}

    return {"method": method, "options": options,
            "trained": {name: plain(x) for name, x in trained.items()},
            "frozen": {name: plain(x) for name, x in frozen.items()},
            "delta": flat.tolist(), "cotangent": cotangent.tolist(),
            "grads": {name: plain(g) for name, g in zip(trained, grads)}}


def cut(flat):
    first = SHAPES[0][0] * SHAPES[0][1]
    return [flat[:first].reshape(SHAPES[0]), flat[first:N].reshape(SHAPES[1])]


def spread(groups, d, minus=None):
    """The matrix P of a partition."""
    p = torch.zeros(len(groups), d)
    counts = np.bincount(groups, minlength=d)
    for i, g in enumerate(groups):
        p[i, g] = (1 if minus is None else minus[i]) / math.sqrt(counts[g])
    return p


def gparts():
    for scheme in ("feistel-v1", "hash-v1", "iid", "contiguous"):
        for signed in (False, True):
            g = group(scheme, N, 5, 3)
            p = spread([g(i) for i in range(N)], 5, signs(N, 3) if signed else None)
            yield case("gpart", {"d": 5, "seed": 3, "scheme": scheme, "signed": signed}, {"theta": draw(5)}, {},
                       lambda t, _: cut(p @ t["theta"]))
    groups = in_cells("feistel-v1", [24, 12], [0, 1], [3, 4], 8)
    p = spread(groups, 7)
    yield case("gpart", {"d": {"a": 3, "b": 4}, "seed": 8}, {"theta": draw(7)}, {}, lambda t, _: cut(p @ t["theta"]))


def loras():
    r, alpha = 2, 3
    trained = {}
    for name, (m, n) in zip("ab", SHAPES):
        trained[f"{name}.lora_A"], trained[f"{name}.lora_B"] = draw(r, n), draw(m, r)
    yield case("lora", {"rank": r, "alpha": alpha}, trained, {},
               lambda t, _: [alpha / r * t[f"{x}.lora_B"] @ t[f"{x}.lora_A"] for x in "ab"])

    total = sum(r * (m + n) for m, n in SHAPES)
    g = group("feistel-v1", total, 9, 4)
    p = spread([g(i) for i in range(total)], 9)

    def uni(t, _):
        flat, found = p @ t["theta"], []
        for m, n in SHAPES:
            a, flat = flat[:r * n].reshape(r, n), flat[r * n:]
            b, flat = flat[:m * r].reshape(m, r), flat[m * r:]
            found.append(b @ a)
        return found

    yield case("uniLora", {"d": 9, "rank": r, "seed": 4}, {"theta": draw(9)}, {}, uni)


def shared():
    r = 3
    m, n = max(x[0] for x in SHAPES), max(x[1] for x in SHAPES)
    trained = {}
    for name, (rows, _) in zip("ab", SHAPES):
        trained[f"{name}.vera_lambda_b"], trained[f"{name}.vera_lambda_d"] = draw(rows), draw(r)
    yield case("vera", {"rank": r}, trained, {"A": draw(r, n), "B": draw(m, r)},
               lambda t, f: [torch.diag(t[f"{x}.vera_lambda_b"]) @ f["B"][:rows]
                             @ torch.diag(t[f"{x}.vera_lambda_d"]) @ f["A"][:, :columns]
                             for x, (rows, columns) in zip("ab", SHAPES)])

    trained = {"tied_lora_A": draw(r, n), "tied_lora_B": draw(m, r)}
    for name, (rows, _) in zip("ab", SHAPES):
        trained[f"{name}.tied_lora_u"], trained[f"{name}.tied_lora_v"] = draw(r), draw(rows)
    yield case("tiedLora", {"rank": r}, trained, {},
               lambda t, _: [torch.diag(t[f"{x}.tied_lora_v"]) @ t["tied_lora_B"][:rows]
                             @ torch.diag(t[f"{x}.tied_lora_u"]) @ t["tied_lora_A"][:, :columns]
                             for x, (rows, columns) in zip("ab", SHAPES)])


def bank():
    """VB-LoRA, one piece at a time."""
    r, h, k = 2, 5, 3
    for b in (1, 2):
        trained = {"vblora_vector_bank": draw(h, b)}
        for name, (m, n) in zip("ab", SHAPES):
            trained[f"{name}.vblora_logits_A"] = draw(r, n // b, h)
            trained[f"{name}.vblora_logits_B"] = draw(m // b, r, h)

        def mixture(t, logits):
            top = torch.topk(logits, k)
            return sum(w * t["vblora_vector_bank"][j] for w, j in zip(torch.softmax(top.values, 0), top.indices))

        def delta(t, _):
            found = []
            for name, (m, n) in zip("ab", SHAPES):
                la, lb = t[f"{name}.vblora_logits_A"], t[f"{name}.vblora_logits_B"]
                a = torch.stack([torch.cat([mixture(t, la[i, j]) for j in range(n // b)]) for i in range(r)])
                columns = [torch.cat([mixture(t, lb[j, i]) for j in range(m // b)]) for i in range(r)]
                found.append(torch.stack(columns, 1) @ a)
            return found

        yield case("vbLora", {"rank": r, "vectors": h, "vectorLength": b, "topK": k}, trained, {}, delta)



def spectra():
    k, scaling = 7, 12
    trained, frozen = {}, {}
    for name, (m, n) in zip("ab", SHAPES):
        trained[f"{name}.fourierft_spectrum"] = draw(k)
        frozen[f"{name}.places"] = torch.tensor(rng.permutation(m * n)[:k])

    def delta(t, f):
        found = []
        for name, (m, n) in zip("ab", SHAPES):
            dense = torch.zeros(m * n).index_put((f[f"{name}.places"],), t[f"{name}.fourierft_spectrum"])
            found.append(torch.fft.ifft2(dense.reshape(m, n)).real * scaling)
        return found

    yield case("fourierFt", {"coefficients": k, "scaling": scaling}, trained, frozen, delta)


def projections():
    d = 5
    frozen = {"a.G": draw(24, d), "b.G": draw(12, d)}
    yield case("denseProjection", {"d": d}, {"theta": draw(d)}, frozen,
               lambda t, f: [(f[f"{x}.G"] @ t["theta"]).reshape(s) for x, s in zip("ab", SHAPES)])

    length = 8
    blocks = -(-N // length)
    h = torch.ones(1, 1)
    while len(h) < length:  # Sylvester's construction
        h = torch.cat([torch.cat([h, h], 1), torch.cat([h, -h], 1)])
    frozen = {"signs": torch.tensor(rng.choice([-1.0, 1.0], (blocks, length))),
              "permutation": torch.tensor(np.stack([rng.permutation(length) for _ in range(blocks)])),
              "gauss": draw(blocks, length)}

    def delta(t, f):
        padded, found = torch.cat([t["theta"], torch.zeros(length - d)]), []
        for s, p, g in zip(f["signs"], f["permutation"], f["gauss"]):
            block = h @ torch.diag(g) @ torch.eye(length)[p] @ h @ torch.diag(s) @ padded
            found.append(block / torch.sqrt(N * (g**2).sum()))
        return cut(torch.cat(found)[:N])

    yield case("fastfood", {"d": d}, {"theta": draw(d)}, frozen, delta)


def write(name, cases):
    text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    (FOLDER / name).write_text(f"[\n{text}\n]\n")


write("partitions.json", partitions())
write("rivals.json", [c for make in (gparts, loras, shared, bank, spectra, projections) for c in make()])
