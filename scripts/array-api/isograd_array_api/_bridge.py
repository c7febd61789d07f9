"""The Python side of bridge.mjs: one line out, one line back; tensors are numbers there."""

import atexit
import json
import math
import os
import subprocess
from pathlib import Path

_script = Path(__file__).resolve().parent.parent / "bridge.mjs"
_node = subprocess.Popen(
    [os.environ.get("NODE", "node"), str(_script)],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
)
atexit.register(_node.stdin.close)
_freed = []

_ERRORS = {"ShapeError": ValueError, "DTypeError": TypeError, "UsageError": ValueError}


class Handle:
    """A tensor on the other side; it is freed there when nobody holds it here."""

    def __init__(self, number, shape, dtype, device):
        self.number, self.shape, self.dtype, self.device = number, tuple(shape), dtype, device

    def __del__(self):
        _freed.append(self.number)


def _encoded(value):
    if isinstance(value, Handle):
        return {"t": value.number}
    if isinstance(value, (list, tuple)):
        return [_encoded(one) for one in value]
    if isinstance(value, dict):
        return {"o": {name: _encoded(one) for name, one in value.items()}}
    if isinstance(value, float):
        if math.isnan(value):
            return {"n": "NaN"}
        if math.isinf(value):
            return {"n": "Infinity" if value > 0 else "-Infinity"}
        if value == 0:
            return {"n": "-0"} if math.copysign(1, value) < 0 else 0
    return value


def _decoded(value):
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "n" in value:
        return float(value["n"])
    if "t" in value:
        return Handle(value["t"], value["shape"], value["dtype"], value["device"])
    return {name: _decoded(one) for name, one in value["o"].items()}


def call(name, *args):
    """Runs a function under its name in the standard; a dict of options comes last."""
    freed = _freed[:]
    del _freed[: len(freed)]
    line = json.dumps({"name": name, "args": _encoded(args), "freed": freed}, allow_nan=False)
    _node.stdin.write(line + "\n")
    _node.stdin.flush()
    answer = json.loads(_node.stdout.readline())
    if "error" in answer:
        raise _ERRORS.get(answer["error"], RuntimeError)(answer["message"])
    return _decoded(answer["value"])
