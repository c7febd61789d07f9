"""Writes a file in the layout of rMD17's: `/usr/bin/python3 make_data.py`. Numbers are made up by a formula."""

import numpy as np

N, n = 4, 3
i = np.arange(N * n * 3, dtype=np.float64).reshape(N, n, 3)
np.savez_compressed(
    "rmd17.npz",
    nuclear_charges=np.array([8, 1, 1], dtype=np.uint8),
    coords=np.sin(i),
    energies=-47000.0 - np.arange(N) / 1024,
    forces=np.cos(i) * 30,
    old_indices=np.arange(N),
    old_energies=np.zeros(N),
    old_forces=np.zeros((N, n, 3)),
)
