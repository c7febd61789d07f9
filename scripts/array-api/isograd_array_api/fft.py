"""Fourier transforms. There are no complex dtypes: a complex result is a pair of real arrays."""

from collections import namedtuple as _namedtuple

from ._array import run as _run

Pair = _namedtuple("Pair", "re im")


def _handed(x):
    return {"re": x.re, "im": x.im} if isinstance(x, Pair) else x


def _out(y):
    return Pair(**y) if isinstance(y, dict) else y


def _of_one(name):
    def function(x, /, *, n=None, axis=-1, norm="backward"):
        return _out(_run(name, _handed(x), n=n, axis=axis, norm=norm))

    function.__name__ = name
    return function


def _of_many(name):
    def function(x, /, *, s=None, axes=None, norm="backward"):
        return _out(_run(name, _handed(x), s=s, axes=axes, norm=norm))

    function.__name__ = name
    return function


fft, ifft, rfft, irfft = map(_of_one, ("fft", "ifft", "rfft", "irfft"))
hfft, ihfft = map(_of_one, ("hfft", "ihfft"))
fftn, ifftn, rfftn, irfftn = map(_of_many, ("fftn", "ifftn", "rfftn", "irfftn"))


def fftfreq(n, /, *, d=1.0, dtype=None, device=None):
    return _run("fftfreq", n, d=d, dtype=dtype, device=device)


def rfftfreq(n, /, *, d=1.0, dtype=None, device=None):
    return _run("rfftfreq", n, d=d, dtype=dtype, device=device)


def fftshift(x, /, *, axes=None):
    return _out(_run("fftshift", _handed(x), axes=axes))


def ifftshift(x, /, *, axes=None):
    return _out(_run("ifftshift", _handed(x), axes=axes))
