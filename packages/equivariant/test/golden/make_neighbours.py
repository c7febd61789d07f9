"""Writes neighbours.json: pairs that SciPy's k-d tree finds, in open space and in a periodic box. Run: python3 make_neighbours.py"""
import json
import pathlib

import numpy as np
from scipy.spatial import cKDTree

rng = np.random.default_rng(1)
box = np.array([3.0, 4.0, 5.0])
points = rng.uniform(size=(30, 3)) * box


def pairs(tree, cutoff):
    near = tree.query_ball_point(points, cutoff)
    return sorted([j, i] for i, found in enumerate(near) for j in found if j != i)


def nearest(tree, k):
    distance, index = tree.query(points, k + 1)
    return {"index": index[:, 1:].tolist(), "distance": distance[:, 1:].tolist()}


free, wrapped = cKDTree(points), cKDTree(points, boxsize=box)
cases = {
    "points": points.tolist(),
    "box": box.tolist(),
    "cutoff": 1.3,
    "k": 4,
    "free": {"pairs": pairs(free, 1.3), "nearest": nearest(free, 4)},
    "periodic": {"pairs": pairs(wrapped, 1.3), "nearest": nearest(wrapped, 4)},
}
pathlib.Path(__file__).with_name("neighbours.json").write_text(json.dumps(cases) + "\n")
