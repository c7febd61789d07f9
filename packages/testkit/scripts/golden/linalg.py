"""Cases of linear algebra. Where signs are arbitrary (eigh, svd), only what does not depend on them is compared."""
from itertools import permutations

import numpy as np
import torch

from .core import Family, lattice, ref

SQUARE = [(1, 1), (2, 2), (3, 3), (5, 5), (2, 3, 3), (2, 1, 2, 2), (0, 3, 3), (0, 0)]
ANY = [(1, 1), (3, 2), (2, 3), (4, 4), (5, 3), (3, 5), (2, 3, 2), (2, 2, 4), (0, 2, 2)]


def regular(key, shape):
    """Far from singular: the diagonal outweighs the rest."""
    x = lattice(key, shape, -1, 1)
    m, n = shape[-2:]
    return x + np.eye(m, n) * (4.0 + np.arange(m)[:, None])


def definite(key, shape):
    """Symmetric, with distinct positive eigenvalues; multiples of 1/64."""
    x = lattice(key, shape, -1, 1)
    n = shape[-1]
    return np.floor((x + np.swapaxes(x, -1, -2)) * 32) / 64 + np.eye(n) * (n + 3.0 * np.arange(n)[:, None] + 1)


def systems(family):
    rights = [(1, 1), (2,), (3, 2), (5, 3), (3, 2), (2, 4), (3, 2), (0, 2)]
    for shape, right in zip(SQUARE, rights):
        a = regular("solve", shape)
        b = lattice("right", right)
        whole = shape[:-2] + right[-2:] if len(right) > 1 else right
        family.add("solve", [a, b], [ref(0), ref(1)], lambda x, y, s=whole: np.linalg.solve(x, np.broadcast_to(y, s)),
                   lambda x, y, s=whole: torch.linalg.solve(x, y.expand(s)))
        family.add("inv", [a], [ref(0)], np.linalg.inv, torch.linalg.inv)
        family.add("det", [a], [ref(0)], lambda x: np.asarray(np.linalg.det(x)), torch.linalg.det)
        family.add("slogdet", [a], [ref(0)], lambda x: [np.asarray(v) for v in np.linalg.slogdet(x)],
                   lambda x: list(torch.linalg.slogdet(x)))
        family.add("cholesky", [definite("cholesky", shape)], [ref(0)], np.linalg.cholesky, torch.linalg.cholesky)
        family.add("eigvalsh", [definite("eigh", shape)], [ref(0)], np.linalg.eigvalsh, torch.linalg.eigvalsh)
        for power in (0, 1, 2, 3, -1, -2):
            if 0 not in shape:
                family.add("matrixPower", [a / 8], [ref(0), power],
                           lambda x, n=power: np.linalg.matrix_power(x, n),
                           lambda x, n=power: torch.linalg.matrix_power(x, n), grad=power != 0)
        for upper in (False, True):
            for unit in (False, True):
                if len(right) > 1:
                    t = np.triu(a) if upper else np.tril(a)
                    t = t + np.eye(shape[-1]) - t * np.eye(shape[-1]) if unit else t
                    family.add("solveTriangular", [t, np.broadcast_to(b, shape[:-2] + right[-2:]).copy()],
                               [ref(0), ref(1), {"upper": upper, "unitDiagonal": unit}], np.linalg.solve,
                               lambda x, y, u=upper, d=unit: torch.linalg.solve_triangular(
                                   x, y, upper=u, unitriangular=d))


def factors(family):
    for shape in ANY:
        a = regular("qr", shape)
        family.add("qr", [a], [ref(0)], lambda x: list(np.vectorize(
            np.linalg.qr, signature="(m,n)->(m,k),(k,n)")(x)) if x.ndim > 2 and x.size else list(np.linalg.qr(x)),
                   lambda x: list(torch.linalg.qr(x)), grad=a.size > 0)
        family.add("svdvals", [a], [ref(0)], lambda x: np.linalg.svd(x, compute_uv=False), torch.linalg.svdvals,
                   grad=a.size > 0)
        family.add("pinv", [a], [ref(0)], np.linalg.pinv, torch.linalg.pinv, grad=a.size > 0)
        family.add("matrixRank", [a], [ref(0)], lambda x: np.asarray(np.linalg.matrix_rank(x), dtype=np.int32))
        b = lattice("lstsq", shape[:-1] + (2,))
        if a.size:
            family.add("lstsq", [a, b], [ref(0), ref(1)], lambda x, y: np.linalg.pinv(x) @ y,
                       lambda x, y: torch.linalg.pinv(x) @ y)
    thin = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    family.add("pinv", [thin], [ref(0)], np.linalg.pinv)
    family.add("matrixRank", [thin], [ref(0)], lambda x: np.asarray(np.linalg.matrix_rank(x), dtype=np.int32))
    family.add("svdvals", [np.ones((4, 4))], [ref(0)], lambda x: np.linalg.svd(x, compute_uv=False))
    family.add("eigvalsh", [np.ones((4, 4))], [ref(0)], np.linalg.eigvalsh)
    graded = np.diag([2.0 ** -20, 1.0, 2.0 ** 10])
    family.add("svdvals", [graded], [ref(0)], lambda x: np.linalg.svd(x, compute_uv=False))


def leibniz(x):
    """The determinant as a polynomial, whose gradient needs no inverse."""
    n = x.shape[-1]
    return sum(
        (1 if sum(p[i] > p[j] for i in range(n) for j in range(i, n)) % 2 == 0 else -1)
        * torch.stack([x[..., i, p[i]] for i in range(n)]).prod(0)
        for p in permutations(range(n)))


def coinciding(family):
    """Singular values that are equal or 0, with derivatives of closed form."""
    halves = np.array([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
    shift = np.roll(np.eye(3), 1, axis=0)
    thin = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    mixed = np.stack([np.eye(3), np.ones((3, 3)), np.zeros((3, 3)), shift, regular("mixed", (3, 3))])
    for a in (np.eye(3), halves, halves[:, :2], halves[:3], shift, np.ones((2, 2)) / 2, np.zeros((2, 3)), thin, thin.T,
              mixed, np.array([[0.0]])):
        family.add("pinv", [a], [ref(0)], np.linalg.pinv, torch.linalg.pinv)
        b = lattice("coinciding", a.shape[:-1] + (2,))
        family.add("lstsq", [a, b], [ref(0), ref(1)], lambda x, y: np.linalg.pinv(x) @ y,
                   lambda x, y: torch.linalg.pinv(x) @ y)
    for a in (np.eye(3), halves, halves[:, :2], halves[:3], shift):
        family.add("matrixNorm", [a], [ref(0), {"ord": "nuc"}], lambda x: np.asarray(np.linalg.norm(x, "nuc")),
                   lambda x: torch.linalg.matrix_norm(x, "nuc"))
    steps = np.arange(1.0, 10).reshape(3, 3)
    for a in (np.eye(3), halves, np.zeros((3, 3)), np.ones((3, 3)), np.zeros((2, 2)), np.ones((2, 2)), steps, mixed,
              np.diag([1.0, 0, 2, 3]), np.diag([1.0, 0, 0, 3]), np.array([[0.0]])):
        exact = np.where(np.linalg.matrix_rank(a) < a.shape[-1], 0.0, np.linalg.det(a))
        family.add("det", [a], [ref(0)], lambda x, d=exact: np.asarray(d), leibniz)


def make():
    family = Family("linalg")
    systems(family)
    factors(family)
    coinciding(family)
    return [family]
