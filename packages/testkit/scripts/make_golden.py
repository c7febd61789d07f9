"""Writes ../golden/*.json from NumPy, SciPy, PyTorch and mpmath.

Run with Debian 12's Python: `apt-get install python3-numpy python3-scipy python3-torch python3-mpmath`, then
`/usr/bin/python3 packages/testkit/scripts/make_golden.py`. The files are committed; the tests need no Python.
"""
import warnings
from pathlib import Path

from golden import (arrays, at, convolution, elementwise, fourier, functions, layout, linalg, linear, ordering, points,
                    random, range, reduce, resampling, skipping, special, standard, statistics)

warnings.filterwarnings("ignore")

FOLDER = Path(__file__).parent.parent / "golden"
FOLDER.mkdir(exist_ok=True)
for module in (arrays, convolution, elementwise, range, reduce, layout, fourier, functions, linalg, linear, ordering,
               points, resampling, skipping, special, standard, statistics):
    for family in module.make():
        family.write(FOLDER)
at.write(FOLDER)
random.write(FOLDER)
