"""Linear algebra, under the standard's names."""

from collections import namedtuple as _namedtuple

from ._array import run as _run

_Eigh = _namedtuple("Eigh", "eigenvalues eigenvectors")
_Qr = _namedtuple("Qr", "Q R")
_Slogdet = _namedtuple("Slogdet", "sign logabsdet")
_Svd = _namedtuple("Svd", "U S Vh")


def matmul(x1, x2, /):
    return _run("matmul", x1, x2)


def matrix_transpose(x, /):
    return _run("matrix_transpose", x)


def tensordot(x1, x2, /, *, axes=2):
    return _run("tensordot", x1, x2, axes=axes)


def vecdot(x1, x2, /, *, axis=-1):
    return _run("vecdot", x1, x2, axis=axis)


def cholesky(x, /, *, upper=False):
    return _run("cholesky", x, upper=upper)


def cross(x1, x2, /, *, axis=-1):
    return _run("cross", x1, x2, axis=axis)


def det(x, /):
    return _run("det", x)


def diagonal(x, /, *, offset=0):
    return _run("diagonal", x, offset=offset)


def eigh(x, /):
    return _Eigh(**_run("eigh", x))


def eigvalsh(x, /):
    return _run("eigvalsh", x)


def inv(x, /):
    return _run("inv", x)


def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    return _run("linalg.matrix_norm", x, keepdims=keepdims, ord=ord)


def matrix_power(x, n, /):
    return _run("matrix_power", x, n)


def matrix_rank(x, /, *, rtol=None):
    return _run("matrix_rank", x, rtol=rtol)


def outer(x1, x2, /):
    return _run("outer", x1, x2)


def pinv(x, /, *, rtol=None):
    return _run("pinv", x, rtol=rtol)


def qr(x, /, *, mode="reduced"):
    return _Qr(**_run("qr", x, mode=mode))


def slogdet(x, /):
    return _Slogdet(**_run("slogdet", x))


def solve(x1, x2, /):
    return _run("solve", x1, x2)


def svd(x, /, *, full_matrices=True):
    return _Svd(**_run("svd", x, fullMatrices=full_matrices))


def svdvals(x, /):
    return _run("svdvals", x)


def trace(x, /, *, offset=0, dtype=None):
    return _run("trace", x, offset=offset, dtype=dtype)


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    return _run("linalg.vector_norm", x, axis=axis, keepdims=keepdims, ord=ord)
