"""The array API standard in Python on Isograd's tensors: names and options are translated, and
Node computes. Nothing is computed here; what Isograd lacks is lacking."""

from collections import namedtuple as _namedtuple
from math import e, inf, nan, pi
from types import SimpleNamespace as _Info

from . import fft, linalg
from ._array import VERSION as __array_api_version__
from ._array import Array as _Array
from ._array import binary as _binary
from ._array import bool_ as bool
from ._array import float32, float64, from_flat as _from_flat, int32, operand as _operand
from ._array import run as _run
from .linalg import matmul, matrix_transpose, tensordot, vecdot

newaxis = None
_bool, _greatest = type(True), max  # the standard's names hide these
_in_2025 = __array_api_version__ >= "2025.12"


def _several(arrays):
    return tuple(arrays) if _in_2025 else list(arrays)


def _unary(name):
    def function(x, /):
        return _run(name, x)

    function.__name__ = name
    return function


def _of_two(name):
    def function(x1, x2, /):
        return _binary(name, x1, x2)

    function.__name__ = name
    return function


for _name in """abs acos acosh asin asinh atan atanh bitwise_invert ceil cos cosh exp expm1 floor
    isfinite isinf isnan log log1p log2 log10 logical_not negative positive reciprocal round sign
    signbit sin sinh square sqrt tan tanh trunc""".split():
    globals()[_name] = _unary(_name)

for _name in """add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor
    copysign divide equal floor_divide greater greater_equal hypot less less_equal logaddexp
    logical_and logical_or logical_xor maximum minimum multiply nextafter not_equal pow remainder
    subtract""".split():
    globals()[_name] = _of_two(_name)


def clip(x, /, min=None, max=None):
    bounds = {"min": min, "max": max}
    return _run("clip", x, {side: bounds[side] for side in bounds if bounds[side] is not None})


# Creation: Python's integers become int32, its floats float32


def _dtype_of(value, dtype):
    if dtype is not None:
        return dtype
    if isinstance(value, _bool):
        return bool
    return int32 if isinstance(value, int) else float32


def _lengths(shape):
    return [shape] if isinstance(shape, int) else list(shape)


def _flattened(obj, out):
    """Appends the numbers of nested lists; returns their shape."""
    if isinstance(obj, _Array):
        obj = obj.tolist()
    if not isinstance(obj, (list, tuple)):
        out.append(obj)
        return ()
    shapes = {_flattened(one, out) for one in obj}
    if len(shapes) > 1:
        raise ValueError("rows differ in length")
    return (len(obj), *(shapes.pop() if shapes else ()))


def asarray(obj, /, *, dtype=None, device=None, copy=None):
    if isinstance(obj, _Array):
        if copy is False and dtype not in (None, obj.dtype):
            raise ValueError("another dtype needs a copy")
        x = obj if dtype in (None, obj.dtype) else astype(obj, dtype)
        if device is not None and device != x.device:
            x = x.to_device(device)
        return x if x is obj and not copy else _Array(x._handle)
    if copy is False:
        raise ValueError("numbers of Python are copied")
    flat = []
    shape = _flattened(obj, flat)
    kinds = [bool, int32, float32]
    found = [kinds.index(_dtype_of(value, None)) for value in flat]
    dtype = dtype or (kinds[_greatest(found)] if found else float32)
    return _from_flat(flat, shape, dtype, device)


def arange(start, /, stop=None, step=1, *, dtype=None, device=None):
    if stop is None:
        start, stop = 0, start
    whole = not [v for v in (start, stop, step) if isinstance(v, float)]
    dtype = dtype or (int32 if whole else float32)
    return _run("arange", start, stop, step, dtype=dtype, device=device)


def linspace(start, stop, /, num, *, dtype=None, device=None, endpoint=True):
    return _run("linspace", start, stop, num, dtype=dtype, device=device, endpoint=endpoint)


def eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None):
    columns = n_rows if n_cols is None else n_cols
    return _run("eye", n_rows, columns, k=k, dtype=dtype, device=device)


def full(shape, fill_value, *, dtype=None, device=None):
    dtype = _dtype_of(fill_value, dtype)
    return _run("full", _lengths(shape), fill_value, dtype=dtype, device=device)


def full_like(x, /, fill_value, *, dtype=None, device=None):
    return _run("full_like", x, fill_value, dtype=dtype, device=device)


def ones(shape, *, dtype=None, device=None):
    return _run("ones", _lengths(shape), dtype=dtype, device=device)


def ones_like(x, /, *, dtype=None, device=None):
    return _run("ones_like", x, dtype=dtype, device=device)


def zeros(shape, *, dtype=None, device=None):
    return _run("zeros", _lengths(shape), dtype=dtype, device=device)


def zeros_like(x, /, *, dtype=None, device=None):
    return _run("zeros_like", x, dtype=dtype, device=device)


# memory always arrives as zeros
def empty(shape, *, dtype=None, device=None):
    return zeros(shape, dtype=dtype, device=device)


def empty_like(x, /, *, dtype=None, device=None):
    return zeros_like(x, dtype=dtype, device=device)


def tril(x, /, *, k=0):
    return _run("tril", x, k=k)


def triu(x, /, *, k=0):
    return _run("triu", x, k=k)


def meshgrid(*arrays, indexing="xy"):
    return _several(_run("meshgrid", arrays, indexing=indexing))


# Dtypes


def astype(x, dtype, /, *, copy=True, device=None):
    y = x if dtype == x.dtype else _run("astype", x, dtype)
    if device is not None and device != y.device:
        y = y.to_device(device)
    return _Array(y._handle) if copy and y is x else y


def can_cast(from_, to, /):
    return _run("can_cast", from_, to)


def _info_of(name, of):
    info = _run(name, of)
    if "smallestNormal" in info:
        info["smallest_normal"] = float(info.pop("smallestNormal"))
        info.update({key: float(info[key]) for key in ("eps", "max", "min")})
    return _Info(**{**info, "dtype": globals()[info["dtype"]]})


def finfo(type, /):
    return _info_of("finfo", type)


def iinfo(type, /):
    return _info_of("iinfo", type)


def isdtype(dtype, kind):
    return _run("isdtype", dtype, kind)


def result_type(*arrays_and_dtypes):
    return globals()[_run("result_type", *arrays_and_dtypes)]


# Indexing, manipulation


def take(x, indices, /, *, axis=None):
    return _run("take", x, indices, axis=axis)


def take_along_axis(x, indices, /, *, axis=-1):
    return _run("take_along_axis", x, indices, axis=axis)


def broadcast_arrays(*arrays):
    return _several(_run("broadcast_arrays", *arrays))


def broadcast_to(x, /, shape):
    return _run("broadcast_to", x, shape)


def concat(arrays, /, *, axis=0):
    return _run("concat", arrays, {"axis": axis})  # None joins flat arrays


def expand_dims(x, /, axis):
    return _run("expand_dims", x, axis)


def flip(x, /, *, axis=None):
    return _run("flip", x, axis=axis)


def moveaxis(x, source, destination, /):
    return _run("moveaxis", x, source, destination)


def permute_dims(x, /, axes):
    return _run("permute_dims", x, axes)


def repeat(x, repeats, /, *, axis=None):
    return _run("repeat", x, repeats, axis=axis)


def reshape(x, /, shape, *, copy=None):
    return _run("reshape", x, shape)


def roll(x, /, shift, *, axis=None):
    return _run("roll", x, shift, axis=axis)


def squeeze(x, /, axis):
    return _run("squeeze", x, axis)


def stack(arrays, /, *, axis=0):
    return _run("stack", arrays, axis=axis)


def tile(x, repetitions, /):
    return _run("tile", x, repetitions)


def unstack(x, /, *, axis=0):
    return tuple(_run("unstack", x, axis=axis))


# Searching, sets, sorting


def _arg(name):
    def function(x, /, *, axis=None, keepdims=False):
        return _run(name, x, axis=axis, keepdims=keepdims)

    function.__name__ = name
    return function


argmax, argmin, count_nonzero = _arg("argmax"), _arg("argmin"), _arg("count_nonzero")


def nonzero(x, /):
    return tuple(_run("nonzero", x))


def searchsorted(x1, x2, /, *, side="left", sorter=None):
    return _run("searchsorted", x1, x2, side=side, sorter=sorter)


def where(condition, x1, x2, /):
    a = x1 if isinstance(x1, _Array) else _operand(x1, x2)
    b = x2 if isinstance(x2, _Array) else _operand(x2, x1)
    return _run("where", condition, a, b)


_All = _namedtuple("UniqueAll", "values indices inverse_indices counts")
_Counts = _namedtuple("UniqueCounts", "values counts")
_Inverse = _namedtuple("UniqueInverse", "values inverse_indices")


def unique_all(x, /):
    u = _run("unique_all", x)
    return _All(u["values"], u["indices"], u["inverseIndices"], u["counts"])


def unique_counts(x, /):
    u = _run("unique_counts", x)
    return _Counts(u["values"], u["counts"])


def unique_inverse(x, /):
    u = _run("unique_inverse", x)
    return _Inverse(u["values"], u["inverseIndices"])


def unique_values(x, /):
    return _run("unique_values", x)


def argsort(x, /, *, axis=-1, descending=False, stable=True):
    return _run("argsort", x, axis=axis, descending=descending)


def sort(x, /, *, axis=-1, descending=False, stable=True):
    return _run("sort", x, axis=axis, descending=descending)


# Statistics


def _reduction(name):
    def function(x, /, *, axis=None, keepdims=False):
        return _run(name, x, axis=axis, keepdims=keepdims)

    function.__name__ = name
    return function


def _summing(name):
    def function(x, /, *, axis=None, dtype=None, keepdims=False):
        return _run(name, x, axis=axis, dtype=dtype, keepdims=keepdims)

    function.__name__ = name
    return function


def _spread(name):
    def function(x, /, *, axis=None, correction=0.0, keepdims=False):
        return _run(name, x, axis=axis, correction=correction, keepdims=keepdims)

    function.__name__ = name
    return function


def _running(name):
    def function(x, /, *, axis=None, dtype=None, include_initial=False):
        return _run(name, x, axis=axis, dtype=dtype, includeInitial=include_initial)

    function.__name__ = name
    return function


max, min, mean, all, any = map(_reduction, ("max", "min", "mean", "all", "any"))
sum, prod = _summing("sum"), _summing("prod")
std, var = _spread("std"), _spread("var")
cumulative_sum, cumulative_prod = _running("cumulative_sum"), _running("cumulative_prod")


def diff(x, /, *, axis=-1, n=1, prepend=None, append=None):
    return _run("diff", x, axis=axis, n=n, prepend=prepend, append=append)


if _in_2025:

    def isin(x1, x2, /, *, invert=False):
        a = x1 if isinstance(x1, _Array) else _operand(x1, x2)
        b = x2 if isinstance(x2, _Array) else _operand(x2, x1)
        return _run("isin", a, b, invert=invert)

    def broadcast_shapes(*shapes):
        found = []
        for shape in shapes:
            found = _run("broadcast_shapes", found, shape)
        return tuple(found)


class __array_namespace_info__:
    """What there is: from Isograd where it tells, else as it is documented there."""

    def capabilities(self):
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": None}

    def default_device(self):
        return _run("defaultDevice")

    def devices(self):
        return _several(_run("devices"))

    def default_dtypes(self, *, device=None):
        return {"real floating": float32, "integral": int32, "indexing": int32}

    def dtypes(self, *, device=None, kind=None):
        every = {"bool": bool, "int32": int32, "float32": float32, "float64": float64}
        return {n: d for n, d in every.items() if kind is None or isdtype(d, kind)}
