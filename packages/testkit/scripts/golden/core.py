"""Golden cases: what a call is, how its values are made, checked against each other, and written.

Forward values come from NumPy or SciPy in float64, vector-Jacobian products from PyTorch in float64.
PyTorch's forward must agree with NumPy's to 1e-12, and its float32 forward with theirs rounded.
Inputs are multiples of 1/64, exact in float32, so one case serves both float dtypes.
"""
import json
import math
import zlib

import numpy as np
import torch

torch.set_num_threads(1)


def ref(i):
    """Stands for input number i among the arguments of a call."""
    return {"$": i}


def lattice(key, shape, low=-2.0, high=2.0):
    """Multiples of 1/64 in [low, high), the same for the same key and shape."""
    draw = np.random.default_rng(zlib.crc32(f"{key}{tuple(shape)}".encode()))
    return np.asarray(draw.integers(int(low * 64), int(high * 64), size=shape) / 64.0)


def integers(key, shape, low, high):
    draw = np.random.default_rng(zlib.crc32(f"{key}{tuple(shape)}i".encode()))
    return np.asarray(draw.integers(low, high, size=shape), dtype=np.int32)


def number(x):
    if isinstance(x, (bool, np.bool_)):
        return 1 if x else 0
    if isinstance(x, (int, np.integer)):
        return int(x)
    x = float(x)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    if x == int(x) and abs(x) < 1e15 and (x != 0 or math.copysign(1, x) > 0):
        return int(x)
    return x


DTYPES = {"float64": "float", "float32": "float32", "int32": "int32", "int64": "int32", "bool": "bool"}


def encode(x):
    x = np.asarray(x)
    data = [number(v) for v in x.ravel().tolist()]
    return {"dtype": DTYPES[str(x.dtype)], "shape": list(x.shape), "data": data}


def many(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


class Family:
    """The cases of one file."""

    def __init__(self, name):
        self.name = name
        self.cases = []

    def add(self, fn, inputs, args, forward, torch_forward=None, grad=True, only=None, cot=None,
            agree=True):
        """One call of fn. `args` may hold ref(i); `only` restricts the case to one float dtype; with
        `agree=False` PyTorch's own values are not compared, for where they are known to be rougher."""
        inputs = [np.asarray(x) for x in inputs]
        with np.errstate(all="ignore"):
            outs = [np.asarray(o) for o in many(forward(*inputs))]
        case = {"fn": fn, "args": args, "in": [encode(x) for x in inputs]}
        if only == "float32":
            with np.errstate(over="ignore", under="ignore"):
                outs = [o.astype(np.float32).astype(o.dtype) if o.dtype == np.float64 else o for o in outs]
        if only is not None:
            case["only"] = only
        case["out"] = [encode(o) for o in outs]
        if torch_forward is not None:
            if agree:
                self.compare(fn, args, inputs, outs, torch_forward, only)
            if grad:
                case.update(self.vjp(fn, inputs, outs, torch_forward, cot))
        self.cases.append(case)

    def compare(self, fn, args, inputs, outs, torch_forward, only):
        say = f"{fn} {args} {[x.shape for x in inputs]}"
        tight = {"rtol": 1e-12, "atol": 1e-13} if only != "float32" else {"rtol": 1e-6, "atol": 1e-37}
        theirs = many(torch_forward(*[torch.from_numpy(x.copy()) for x in inputs]))
        for a, b in zip(outs, theirs):
            b = b.numpy()
            if only == "float32" and b.dtype == np.float64:
                with np.errstate(over="ignore", under="ignore"):
                    b = b.astype(np.float32)
            np.testing.assert_allclose(b, a, err_msg=say, **tight)
            assert a.shape == b.shape, (say, a.shape, b.shape)
        if only == "float64":
            return
        halves = [x.astype(np.float32) if x.dtype == np.float64 else x for x in inputs]
        theirs = many(torch_forward(*[torch.from_numpy(x.copy()) for x in halves]))
        for a, b in zip(outs, theirs):
            np.testing.assert_allclose(b.numpy(), a, rtol=2e-5, atol=3e-5, err_msg=f"float32 {say}")

    def vjp(self, fn, inputs, outs, torch_forward, cot):
        tensors = [torch.from_numpy(x.copy()) for x in inputs]
        for t in tensors:
            t.requires_grad_(t.dtype == torch.float64)
        theirs = many(torch_forward(*tensors))
        cots = [lattice(f"{fn} cotangent {i}", o.shape) if cot is None else np.full(o.shape, cot)
                for i, o in enumerate(outs)]
        live = [(o, torch.from_numpy(c)) for o, c in zip(theirs, cots) if o.requires_grad]
        wanted = [t for t in tensors if t.requires_grad]
        if live:
            found = torch.autograd.grad([o for o, _ in live], wanted, [c for _, c in live],
                                        allow_unused=True)
            found = [torch.zeros_like(t) if g is None else g for g, t in zip(found, wanted)]
        else:
            found = [torch.zeros_like(t) for t in wanted]
        rest = iter(found)
        grads = [encode(next(rest).resolve_neg().numpy())["data"] if t.requires_grad else None for t in tensors]
        return {"cot": [encode(c)["data"] for c in cots], "vjp": grads}

    def write(self, folder):
        lines = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in self.cases)
        path = folder / f"{self.name}.json"
        path.write_text(f"[\n{lines}\n]\n")
        print(f"{self.name}: {len(self.cases)} cases, {path.stat().st_size} bytes")
