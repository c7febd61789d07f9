"""Values for the tables of docs/from: runs the cells of NumPy, PyTorch and JAX.

    python3.11 -m venv .venv && .venv/bin/pip install numpy scipy torch==2.13.* jax optax peft
    .venv/bin/python docs/test/golden/from.py            # all three pages; or name them
    node docs/test/golden/from.mjs                       # TensorFlow.js

Each row runs after the first `py` block of its page. The value of a cell is that of its last
expression. Rows that are marked `*not run*` are left out; where Isograd has nothing of the kind
("—"), the cell is run, to see that it exists, and its value dropped.
"""

import ast
import json
import math
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGES = HERE.parent.parent / "from"


def rows(text):
    for line in text.split("\n"):
        if not line.startswith("| `"):
            continue
        theirs, ours, remark = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if remark.startswith("*not run*"):
            continue
        yield theirs[1:-1].replace("\\|", "|"), ours != "—"


def plain(x):
    if x is None or isinstance(x, (bool, int, str)):
        return x
    if isinstance(x, float):
        if math.isfinite(x):
            return x
        return "NaN" if math.isnan(x) else ("Infinity" if x > 0 else "-Infinity")
    if isinstance(x, dict):
        return {str(k): plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if hasattr(x, "detach"):
        x = x.detach().numpy()
    if hasattr(x, "tolist"):
        import numpy as np

        x = np.asarray(x)
        if np.iscomplexobj(x):
            return {"re": plain(x.real.tolist()), "im": plain(x.imag.tolist())}
        return plain(x.tolist())
    name = getattr(x, "name", None) or getattr(x, "__name__", None)
    return name if isinstance(name, str) else str(x).replace("torch.", "")


def value(code, names):
    tree = ast.parse(code)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr):
        exec(compile(tree, "cell", "exec"), names)
        return None
    exec(compile(ast.Module(tree.body[:-1], []), "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


def main(pages):
    for page in pages:
        text = (PAGES / f"{page}.md").read_text()
        prelude = re.search(r"^```py\n(.*?)^```", text, re.M | re.S).group(1)
        prelude = compile(prelude, page, "exec")
        found = {}
        for code, kept in rows(text):
            names = {}
            exec(prelude, names)
            try:
                result = plain(value(code, names))
            except Exception as error:
                print(f"{page}: {code}\n  {type(error).__name__}: {error}")
                continue
            if kept:
                found[code] = result
        lines = [f"  {json.dumps(k, ensure_ascii=False)}: {json.dumps(v)}" for k, v in found.items()]
        path = HERE / f"from-{page}.json"
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
        print(f"{page}: {len(found)} values")


main(sys.argv[1:] or ["numpy", "pytorch", "jax"])
