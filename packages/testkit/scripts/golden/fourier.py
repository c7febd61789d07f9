"""Cases of Fourier transforms: values of numpy.fft, gradients of torch.fft through real and imaginary parts."""
import numpy as np
import torch

from .core import Family, lattice, ref

PAIR = {"re": ref(0), "im": ref(1)}
NORMS = ("backward", "ortho", "forward")
LENGTHS = (1, 2, 3, 4, 5, 8, 9, 12, 30, 37)


def parts(z):
    z = np.asarray(z)
    return [z.real.copy(), z.imag.copy()] if np.iscomplexobj(z) else [z]


def torch_parts(z):
    return [z.real, z.imag.resolve_neg()] if z.is_complex() else [z]


def transform(family, name, shape, options, their, paired):
    """One call on a real tensor, or on a pair."""
    inputs = [lattice(name, shape)] + ([lattice(f"{name} im", shape)] if paired else [])
    given = {k: v for k, v in options.items() if v is not None}
    args = [PAIR if paired else ref(0)] + ([given] if given else [])
    # torch has dim for axis, and one vjp for each real part
    torch_names = {"n": "n", "axis": "dim", "s": "s", "axes": "dim", "norm": "norm"}
    theirs = {torch_names[k]: v for k, v in given.items()}

    def whole(*xs):
        return xs[0] + 1j * xs[1] if paired else xs[0]

    def torch_whole(*xs):
        return torch.complex(xs[0], xs[1]) if paired else xs[0]

    family.add(name, inputs, args, lambda *xs: parts(getattr(np.fft, their)(whole(*xs), **given)),
               lambda *xs: torch_parts(getattr(torch.fft, their)(torch_whole(*xs), **theirs)))


def one_axis(family):
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        real = name in ("rfft", "ihfft")
        for n in LENGTHS:
            if n == 1 and name in ("irfft", "hfft"):
                continue
            transform(family, name, (n,), {}, name, not real)
        for norm in NORMS:
            transform(family, name, (2, 6), {"norm": norm}, name, not real)
        for n in (1, 2, 5, 7, 8):
            transform(family, name, (2, 5), {"n": n}, name, not real)
        transform(family, name, (3, 4, 2), {"axis": 0}, name, not real)
        transform(family, name, (3, 4, 2), {"axis": -2, "n": 5, "norm": "ortho"}, name, not real)
        if not real:
            transform(family, name, (5,), {}, name, False)


def several_axes(family):
    for name in ("fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2"):
        paired = not name.startswith("r")
        for shape in ((2, 3), (4, 4), (5, 6), (2, 3, 4), (3, 2, 5)):
            transform(family, name, shape, {}, name, paired)
        for norm in NORMS:
            transform(family, name, (3, 4), {"norm": norm}, name, paired)
        transform(family, name, (3, 4), {"s": [2, 6]}, name, paired)
        transform(family, name, (3, 4), {"s": [5, 3]}, name, paired)
        transform(family, name, (2, 3, 4), {"axes": [0, 2]}, name, paired)
        transform(family, name, (2, 3, 4), {"axes": [2, 0], "s": [3, 3]}, name, paired)
        transform(family, name, (2, 3, 4), {"axes": [1]}, name, paired)


def orders(family):
    for n in (1, 2, 5, 8):
        family.add("fftfreq", [], [n, {"dtype": "float64"}], lambda n=n: np.fft.fftfreq(n), only="float64")
        family.add("rfftfreq", [], [n, {"dtype": "float64", "d": 0.25}], lambda n=n: np.fft.rfftfreq(n, 0.25),
                   only="float64")
    for shape in ((4,), (5,), (3, 4)):
        for name in ("fftshift", "ifftshift"):
            family.add(name, [lattice(name, shape)], [ref(0)], getattr(np.fft, name),
                       getattr(torch.fft, name))
            family.add(name, [lattice(name, shape)], [ref(0), {"axes": -1}],
                       lambda x, f=name: getattr(np.fft, f)(x, axes=-1),
                       lambda x, f=name: getattr(torch.fft, f)(x, dim=-1))


def raw(family):
    """The ops of the engine, by the definition."""
    for n in (1, 4, 6, 7):
        w = np.exp(-2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n)
        h = n // 2 + 1
        for inverse in (False, True):
            def dft(x, w=w.conj() if inverse else w):
                z = w @ (x[0] + 1j * x[1])
                return np.stack([z.real, z.imag])
            family.add("dft", [lattice("dft", (2, n))], [ref(0), inverse], dft)
        family.add("realDft", [lattice("realDft", (n,))], [ref(0)],
                   lambda x, w=w, h=h: np.stack([(w @ x).real[:h], (w @ x).imag[:h]]))
        family.add("realDftTransposed", [lattice("realDftTransposed", (2, h))], [ref(0), n],
                   lambda x, w=w, h=h: (w.conj()[:, :h] @ (x[0] + 1j * x[1])).real)


def make():
    family = Family("fourier")
    one_axis(family)
    several_axes(family)
    orders(family)
    raw(family)
    return [family]
