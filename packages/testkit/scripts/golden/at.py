"""What NumPy reads and writes at an index: at.json.

An index is a list of parts: a number, [start, stop, step], null, "...", {"ints": …, "shape": …} or {"mask": …, "shape": …}.
"""
import json

import numpy as np

RNG = np.random.default_rng(7)


def part(p):
    if isinstance(p, dict):
        values = np.array(p["ints"], np.int64) if "ints" in p else np.array(p["mask"], bool)
        return values.reshape(p["shape"])
    if isinstance(p, list):
        return slice(*(p + [None] * (3 - len(p))))
    return Ellipsis if p == "..." else p


def ints(*values, shape=None):
    return {"ints": list(values), "shape": list(shape if shape is not None else [len(values)])}


def mask(shape, every):
    size = int(np.prod(shape))
    return {"mask": [bool((7 * i + 3) % 5 < every) for i in range(size)], "shape": list(shape)}


CASES = [
    ([5], [2]), ([5], [-1]), ([5], [[1, 4]]), ([5], [[None, None, -2]]), ([5], [[]]), ([5], []), ([5], ["..."]),
    ([5], [None]), ([5], ["...", None]), ([], []), ([], ["..."]), ([], [None]), ([2, 3, 4], [1]), ([2, 3, 4], ["...", 1]),
    ([2, 3, 4], [0, "...", [1, 3]]), ([2, 3, 4], [None, 0, None, "...", None]), ([2, 3, 4], [[], -1, [3, 0, -2]]),
    ([2, 3, 4], [[5, 9]]), ([3, 0], [[1, 3]]), ([0, 3], ["...", 1]),
    ([5], [ints(0, -1, 2)]), ([5], [ints(1, shape=[])]), ([5], [ints()]), ([5], [ints(0, 1, -2, 2, shape=[2, 2])]),
    ([3, 4], [ints(2, 0)]), ([3, 4], [[], ints(-1, 0, 1)]), ([3, 4], ["...", ints(1, 3, shape=[2, 1])]),
    ([3, 4], [ints(0, 2), ints(-1, 1)]), ([3, 4], [ints(0, 2, shape=[2, 1]), ints(0, 1, 3)]), ([3, 4], [ints(0, 2), 1]),
    ([3, 4], [1, ints(0, 2)]), ([2, 3, 4], [ints(1, 0), [], ints(0, 3)]), ([2, 3, 4], [0, [], ints(0, 3)]),
    ([2, 3, 4], [[], ints(1, 0), ints(0, 3)]), ([2, 3, 4], [[], ints(1, 0), 2]), ([2, 3, 4], [[1, None], ints(2, 0, 1)]),
    ([2, 3, 4], [ints(1, 0), None, ints(0, 2)]), ([2, 3, 4], [None, ints(1, 0), ints(0, 2)]), ([2, 3, 4], [ints(1, 1, 0), "...", None]),
    ([2, 3, 4], ["...", ints(1, 0), [1, 3]]), ([2, 3, 2, 3], [[], ints(0, 2), [None, None, -1], ints(1, -3)]),
    ([2, 3, 2, 3], [ints(0, 1, shape=[2, 1]), [], ints(0, 1, 1)]), ([4, 3], [ints(3, 3, 0, -1)]), ([2, 0, 3], [ints(1, 1)]),
]
MASKED = [
    ([5], [mask([5], 2)]), ([5], [mask([5], 5)]), ([5], [mask([5], 0)]), ([3, 4], [mask([3, 4], 3)]), ([3, 4], [mask([3], 3)]),
    ([3, 4], [[], mask([4], 2)]), ([3, 4], ["...", mask([4], 2)]), ([2, 3, 4], [mask([2, 3], 2)]), ([2, 3, 4], [[], mask([3, 4], 3)]),
    ([2, 3, 4], [1, mask([3, 4], 3)]), ([2, 3, 4], [[], mask([3], 3), [1, 3]]), ([2, 3, 4], [mask([2], 4), None, 1]),
    ([3, 0], [mask([3], 3)]),
]
ONLY_READ = [([3, 4], [mask([3], 3), ints(1)]), ([3, 4], [mask([3], 3), mask([4], 2)]), ([2, 3, 4], [0, [], mask([4], 2)])]


def made(shape, index, under, writes):
    x = np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape)
    x = np.asarray(x + 1)
    at = tuple(part(p) for p in index)
    got = x[at]
    case = {"shape": shape, "index": index, "get": np.ravel(got).tolist(), "gotShape": list(np.shape(got))}
    if not writes:
        return case
    # under a mask one value stands for all of its places: 1 on the axis of the mask
    values = np.round(RNG.uniform(-9, 9, np.shape(got)), 3)
    if under:
        values = np.round(RNG.uniform(-9, 9), 3)
    put, sums = x.copy(), x.copy()
    put[at] = values
    np.add.at(sums, at, values)
    return {**case, "values": np.ravel(values).tolist(), "set": np.ravel(put).tolist(), "add": np.ravel(sums).tolist()}


def write(folder):
    cases = [made(s, i, False, True) for s, i in CASES] + [made(s, i, True, True) for s, i in MASKED]
    cases += [made(s, i, True, False) for s, i in ONLY_READ]
    text = ",\n".join(json.dumps(case) for case in cases)
    (folder / "at.json").write_text(f"[\n{text}\n]\n")
