"""Writes groups.json: exponentials and logarithms of SciPy that the tests of groups compare with. Run: python3 make_groups.py"""
import json
import pathlib

import numpy as np
from scipy.linalg import expm, logm
from scipy.spatial.transform import Rotation

rng = np.random.default_rng(0)


def skew(w):
    if len(w) == 1:
        return np.array([[0, -w[0]], [w[0], 0]])
    x, y, z = w
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])


def algebra(v, n, moves):
    turns = 1 if n == 2 else 3
    if not moves:
        return skew(v)
    out = np.zeros((n + 1, n + 1))
    out[:n, :n] = skew(v[:turns])
    out[:n, n] = v[turns:]
    return out


def vectors(n, moves):
    """Rotation vectors of many lengths up to nearly π, with velocities for motions."""
    turns = 1 if n == 2 else 3
    rows = []
    for angle in [0.0, 1e-9, 1e-4, 0.1, 0.7, 0.7072, 1.5, 2.9, 3.14159]:
        w = rng.normal(size=turns)
        w *= angle / np.linalg.norm(w)
        rows.append(np.concatenate([w, rng.normal(size=n if moves else 0)]))
    return np.array(rows)


def matrices(rows, n, moves):
    return np.array([expm(algebra(v, n, moves)) for v in rows])


def logarithms(gs, n, moves):
    """From logm where its result is real; SciPy loses digits near π, so these cases stay below 3."""
    turns = 1 if n == 2 else 3
    out = []
    for g in gs:
        a = np.real(logm(g))
        w = [a[1, 0]] if turns == 1 else [a[2, 1], a[0, 2], a[1, 0]]
        out.append(np.concatenate([w, a[:n, n] if moves else []]))
    return np.array(out)


cases = {}
for name, n, moves in [("SO2", 2, False), ("SO3", 3, False), ("SE2", 2, True), ("SE3", 3, True)]:
    v = vectors(n, moves)
    g = matrices(v, n, moves)
    near = [i for i in range(len(v)) if np.linalg.norm(v[i][: 1 if n == 2 else 3]) < 3]
    cases[name] = {
        "v": v.tolist(),
        "exp": g.tolist(),
        "near": g[near].tolist(),
        "log": logarithms(g[near], n, moves).tolist(),
    }

turn = Rotation.from_rotvec(rng.normal(size=(6, 3)) * 2)
points = rng.normal(size=(6, 3))
cases["rotation"] = {
    "matrix": turn.as_matrix().tolist(),
    "rotvec": turn.as_rotvec().tolist(),
    "quaternion": turn.as_quat()[:, [3, 0, 1, 2]].tolist(),
    "points": points.tolist(),
    "turned": turn.apply(points).tolist(),
}
pathlib.Path(__file__).with_name("groups.json").write_text(json.dumps(cases) + "\n")
