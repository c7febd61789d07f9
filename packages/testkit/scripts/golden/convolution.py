"""Cases of sliding windows, convolutions and pooling. The forward values are sums over windows in NumPy."""
import itertools

import numpy as np
import torch
import torch.nn.functional as F

from .core import Family, lattice, ref


def pair(v):
    return (v, v) if np.isscalar(v) else tuple(v)


def windows(x, kernel, stride, dilation, padding, value=0.0):
    """[n, c, h, w] -> [n, c, kh, kw, rows, columns]; `padding` is ((before, after), (before, after))."""
    x = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=value)
    counts = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation)]
    out = np.empty((*x.shape[:2], *kernel, *counts))
    for i, j in itertools.product(*map(range, kernel)):
        rows = i * dilation[0] + stride[0] * np.arange(counts[0])
        columns = j * dilation[1] + stride[1] * np.arange(counts[1])
        out[:, :, i, j] = x[:, :, rows][:, :, :, columns]
    return out


def fold_back(cols, size, kernel, stride, dilation, padding):
    """The transpose of `windows`."""
    (t, b), (l, r) = padding
    out = np.zeros((*cols.shape[:2], size[0] + t + max(b, 0), size[1] + l + max(r, 0)))
    for i, j in itertools.product(*map(range, kernel)):
        for y, z in itertools.product(*map(range, cols.shape[4:])):
            out[:, :, y * stride[0] + i * dilation[0], z * stride[1] + j * dilation[1]] += cols[:, :, i, j, y, z]
    return out[:, :, t:t + size[0], l:l + size[1]]


def axes(kernel, stride, dilation, padding):
    keys = ("kernel", "stride", "dilation", "before", "after")
    return [dict(zip(keys, (k, s, d, *p))) for k, s, d, p in zip(kernel, stride, dilation, padding)]


LAYOUTS = [((1, 1, 3, 3), (2, 2), (1, 1), (1, 1), 0), ((2, 3, 5, 6), (3, 2), (2, 1), (1, 2), (1, 0)),
           ((1, 2, 4, 7), (1, 3), (1, 2), (1, 1), (0, 1)), ((2, 1, 6, 6), (2, 3), (3, 2), (2, 1), (0, 1)),
           ((1, 1, 1, 1), (1, 1), (1, 1), (1, 1), 0), ((2, 2, 3, 4), (3, 4), (1, 1), (1, 1), (1, 2))]


def primitives(family):
    for shape, k, s, d, p in LAYOUTS:
        padding = tuple((v, v) for v in pair(p))
        here = axes(k, s, d, padding)
        x = lattice("unfold", shape)
        cols = windows(x, k, s, d, padding)
        torch_unfold = lambda x, k=k, s=s, d=d, p=p, o=cols.shape: F.unfold(x, k, d, p, s).reshape(o)
        family.add("unfold", [x], [ref(0), {"windows": here, "value": 0}],
                   lambda x, a=(k, s, d, padding): windows(x, *a), torch_unfold)
        family.add("unfold", [x], [ref(0), {"windows": here, "value": 1.5}],
                   lambda x, a=(k, s, d, padding): windows(x, *a, value=1.5))
        y = lattice("fold", cols.shape)
        flat = (shape[0], shape[1] * k[0] * k[1], -1)
        family.add("fold", [y], [ref(0), {"windows": here, "size": list(shape[2:])}],
                   lambda y, a=(shape[2:], k, s, d, padding): fold_back(y, *a),
                   lambda y, k=k, s=s, d=d, p=p, n=shape[2:], f=flat: F.fold(y.reshape(f), n, k, d, p, s))


def conv_numpy(x, w, b, stride, padding, dilation, groups):
    """2-D convolution; one axis is a second of length 1."""
    out, each, *kernel = w.shape
    cols = windows(x, kernel, stride, dilation, padding)
    n, c, kh, kw, rows, columns = cols.shape
    cols = cols.reshape(n, groups, each, kh, kw, rows, columns)
    y = np.einsum("ngcijrs,gocij->ngors", cols, w.reshape(groups, out // groups, each, kh, kw))
    y = y.reshape(n, out, rows, columns)
    return y if b is None else y + b[:, None, None]


CONV1 = [((1, 1, 4), (1, 1, 2), {}), ((2, 3, 7), (4, 3, 3), {"padding": 1, "stride": 2}),
         ((2, 4, 9), (6, 2, 3), {"groups": 2, "dilation": 2, "padding": 2}), ((2, 3, 5), (2, 3, 1), {}),
         ((1, 2, 8), (2, 2, 4), {"padding": "same"}), ((3, 5), (2, 3, 3), {"padding": "valid"}),
         ((2, 4, 6), (4, 1, 3), {"groups": 4}), ((2, 2, 5), (3, 2, 5), {})]
CONV2 = [((1, 1, 3, 3), (1, 1, 2, 2), {}), ((2, 3, 5, 6), (4, 3, 3, 3), {"padding": 1}),
         ((2, 3, 7, 6), (4, 3, 3, 2), {"stride": [2, 3], "padding": [1, 0]}),
         ((2, 4, 6, 7), (6, 2, 2, 3), {"groups": 2, "dilation": [2, 1], "stride": 2}),
         ((1, 4, 5, 5), (8, 1, 3, 3), {"groups": 4, "padding": 2}), ((2, 3, 4, 4), (5, 3, 1, 1), {}),
         ((1, 2, 6, 5), (3, 2, 4, 3), {"padding": "same"}), ((2, 5, 4), (3, 2, 2, 3), {"padding": "valid"}),
         ((1, 2, 7, 7), (2, 2, 3, 3), {"padding": "same", "dilation": 2}), ((2, 3, 4, 5), (2, 3, 4, 5), {}),
         ((1, 2, 6, 6), (4, 2, 3, 3), {"stride": 2, "padding": 1, "dilation": 2})]


def conv(family, rank, table):
    for (shape, kernel, options), biased in itertools.product(table, (True, False)):
        x, w, b = lattice("conv", shape), lattice("convw", kernel), lattice("convb", kernel[:1])
        def numpy(x, w, b=None, o=options):
            batched = x.ndim == rank + 2
            x = x if batched else x[None]
            if rank == 1:
                x, w = x[:, :, None], w[:, :, None]
            lead = lambda v, first: (v if rank == 2 else (first, v)) if np.isscalar(v) else v
            stride, dilation = pair(lead(o.get("stride", 1), 1)), pair(lead(o.get("dilation", 1), 1))
            p = o.get("padding", 0)
            if p == "same":
                totals = [(k - 1) * d for k, d in zip(w.shape[2:], dilation)]
                padding = [(t // 2, t - t // 2) for t in totals]
            else:
                padding = [(v, v) for v in pair(lead(0 if p == "valid" else p, 0))]
            y = conv_numpy(x, w, b, stride, padding, dilation, o.get("groups", 1))
            y = y[:, :, 0] if rank == 1 else y
            return y if batched else y[0]
        theirs = F.conv1d if rank == 1 else F.conv2d
        inputs = [x, w, b] if biased else [x, w]
        args = [ref(0), ref(1)] + ([ref(2)] if biased else [])
        if options and biased:
            args.append(options)
        elif options:
            continue
        family.add(f"conv{rank}d", inputs, args, numpy,
                   lambda x, w, b=None, f=theirs, o=options: f(x, w, b, **o))


TRANSPOSE1 = [((1, 1, 4), (1, 1, 2), {}), ((2, 4, 5), (4, 3, 3), {"stride": 2, "padding": 1, "outputPadding": 1}),
              ((2, 4, 4), (4, 2, 3), {"groups": 2, "dilation": 2, "stride": 3}), ((4, 3), (4, 2, 2), {"stride": 2})]
TRANSPOSE2 = [((1, 1, 3, 3), (1, 1, 2, 2), {}), ((2, 4, 3, 4), (4, 3, 3, 2), {"stride": [2, 1], "padding": [1, 0]}),
              ((2, 4, 3, 3), (4, 2, 3, 3), {"groups": 2, "stride": 2, "outputPadding": [1, 0], "padding": 1}),
              ((1, 2, 3, 3), (2, 3, 2, 2), {"dilation": [2, 3], "outputPadding": [1, 2]}),
              ((2, 3, 3), (2, 2, 1, 1), {})]


def transpose(family, rank, table):
    theirs = F.conv_transpose1d if rank == 1 else F.conv_transpose2d
    for shape, kernel, options in table:
        more = {("output_padding" if k == "outputPadding" else k): v for k, v in options.items()}
        x, w = lattice("convt", shape), lattice("convtw", kernel)
        b = lattice("convtb", (kernel[1] * options.get("groups", 1),))
        both = lambda x, w, b, f=theirs, o=more: f(x, w, b, **o)
        family.add(f"convTranspose{rank}d", [x, w, b], [ref(0), ref(1), ref(2), options],
                   lambda x, w, b, f=both: f(*map(torch.from_numpy, (x, w, b))).numpy(), both)


POOL = [((2, 6), 2, {}), ((1, 2, 7), 3, {"stride": 2, "padding": 1}), ((2, 1, 8), 2, {"stride": 3}),
        ((2, 3, 4, 6), 2, {}), ((1, 2, 5, 7), [3, 2], {"stride": [2, 1], "padding": 1}), ((2, 5, 5), 3, {"stride": 1}),
        ((1, 1, 4, 4), [4, 1], {}), ((2, 2, 6, 6), 3, {"stride": 2, "padding": 1})]


def pooling(family):
    for shape, k, o in POOL:
        for rank in ((1,) if len(shape) == 2 or np.isscalar(k) and shape[1] < 3 and len(shape) == 3 else (2,)):
            x = lattice("pool", shape)
            x = x + np.arange(x.size).reshape(shape) / 1024  # no two are equal
            most = F.max_pool1d if rank == 1 else F.max_pool2d
            mean = F.avg_pool1d if rank == 1 else F.avg_pool2d
            alone = lambda f: lambda x: f(torch.from_numpy(x)).numpy()
            cases = [("maxPool", most, o, o), ("avgPool", mean, o, o),
                     ("avgPool", mean, {**o, "countIncludePad": False}, {**o, "count_include_pad": False})]
            if rank == 2:
                cases.append(("maxPool", most, {**o, "dilation": 1}, {**o, "dilation": 1}))
            for name, f, ours, theirs in cases:
                call = lambda x, f=f, k=k, o=theirs: f(x, k, **o)
                family.add(f"{name}{rank}d", [x], [ref(0), k] + ([ours] if ours else []), alone(call), call)
    ties = np.array([[[[1.0, 1, 0, 2], [1, 1, 2, 2], [0, 0, -1, -1], [0, 0, -1, -1]]]])
    family.add("maxPool2d", [ties], [ref(0), 2], lambda x: F.max_pool2d(torch.from_numpy(x), 2).numpy(),
               lambda x: F.max_pool2d(x, 2))
    wide = {"stride": 1, "dilation": [2, 1]}
    x = lattice("pool", (1, 2, 5, 4)) + np.arange(40).reshape(1, 2, 5, 4) / 1024
    family.add("maxPool2d", [x], [ref(0), 2, wide], lambda x: F.max_pool2d(torch.from_numpy(x), 2, **wide).numpy(),
               lambda x: F.max_pool2d(x, 2, **wide))


def make():
    family = Family("convolution")
    primitives(family)
    conv(family, 1, CONV1)
    conv(family, 2, CONV2)
    transpose(family, 1, TRANSPOSE1)
    transpose(family, 2, TRANSPOSE2)
    pooling(family)
    return [family]
