"""Dtypes, and the array object: operators, indexing, conversion to Python's numbers."""

import array
import base64
import math
import os

from ._bridge import Handle, call

VERSION = os.environ.get("ARRAY_API_TESTS_VERSION", "2024.12")


class DType:
    """A dtype by its name."""

    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        return isinstance(other, DType) and self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return f"isograd.{self.name}"


bool_, int32, float32, float64 = map(DType, ("bool", "int32", "float32", "float64"))
_CODES = {"bool": "B", "int32": "i", "float32": "f", "float64": "d"}
_python_bool = bool


def down(value):
    """What goes to the other side for a value of this one."""
    if isinstance(value, Array):
        return value._handle
    if isinstance(value, DType):
        return value.name
    if isinstance(value, dict):
        return {name: down(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [down(one) for one in value]
    return value


def up(value):
    """What is handed out for a value of the other side."""
    if isinstance(value, Handle):
        return Array(value)
    if isinstance(value, list):
        return [up(one) for one in value]
    if isinstance(value, dict):
        return {name: up(one) for name, one in value.items()}
    return value


def run(name, *args, **options):
    """Calls a function; options that are None are left out."""
    given = {key: value for key, value in options.items() if value is not None}
    return up(call(name, *down(args), *([down(given)] if given else [])))


def from_flat(values, shape, dtype, device=None):
    """An array from a flat list of numbers: only their bytes are made here."""
    data = array.array(_CODES[dtype.name], values).tobytes()
    return run("bytes", base64.b64encode(data).decode(), dtype, list(shape), device)


def operand(value, like):
    """A number stays one; true and false, which are no numbers there, become bool tensors."""
    if isinstance(value, _python_bool):
        return from_flat([value], (), bool_, like.device)
    if isinstance(value, int) and like.dtype == int32:
        return from_flat([value], (), int32, like.device)
    return value


def binary(name, a, b):
    """A function of two arrays, or of one and a number."""
    if not isinstance(a, Array):
        a = operand(a, b)
    if not isinstance(b, Array):
        b = operand(b, a)
    return run(name, a, b)


def _operator(name):
    def method(self, other, /):
        if isinstance(other, (Array, int, float)):
            return binary(name, self, other)
        return NotImplemented

    def reflected(self, other, /):
        if isinstance(other, (Array, int, float)):
            return binary(name, other, self)
        return NotImplemented

    return method, reflected


def _part(part):
    """A part of an index as `x.at(...)` takes it."""
    if isinstance(part, slice):
        ends = [part.start, part.stop, part.step]
        return [None if end is None else int(end) for end in ends]
    if part is Ellipsis:
        return "..."
    return part if part is None or isinstance(part, Array) else part.__index__()


def _index(key):
    return [_part(part) for part in (key if isinstance(key, tuple) else (key,))]


def _nested(flat, shape):
    if not shape:
        return flat[0]
    inner = math.prod(shape[1:])
    return [_nested(flat[i * inner : (i + 1) * inner], shape[1:]) for i in range(shape[0])]


class Array:
    """A tensor of Isograd. Tensors do not change: writing puts another one in its place."""

    def __init__(self, handle):
        self._handle = handle

    @property
    def shape(self):
        return self._handle.shape

    @property
    def dtype(self):
        return DType(self._handle.dtype)

    @property
    def device(self):
        return self._handle.device

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def mT(self):
        return run("matrix_transpose", self)

    @property
    def T(self):
        if self.ndim != 2:
            raise ValueError("T is for matrices")
        return run("matrix_transpose", self)

    def to_device(self, device, /, *, stream=None):
        if stream is not None:
            raise ValueError("there are no streams")
        return run("to", self, device)

    def __array_namespace__(self, *, api_version=None):
        import isograd_array_api

        if api_version not in (None, VERSION):
            raise ValueError(f"this is version {VERSION}")
        return isograd_array_api

    def tolist(self):
        """The elements, in nested lists."""
        data = array.array(_CODES[self.dtype.name], base64.b64decode(run("read", self)))
        flat = [_python_bool(x) for x in data] if self.dtype == bool_ else list(data)
        return _nested(flat, self.shape)

    def _number(self):
        if self.size != 1:
            raise TypeError("only one element can become a number")
        return run("item", self)

    def __bool__(self):
        return _python_bool(self._number())

    def __int__(self):
        return int(self._number())

    def __float__(self):
        return float(self._number())

    def __complex__(self):
        return complex(self._number())

    def __index__(self):
        if self.dtype != int32:
            raise TypeError("only integers are indices")
        return int(self._number())

    def __repr__(self):
        return f"isograd.asarray({self.tolist()}, dtype={self.dtype.name})"

    def __getitem__(self, key, /):
        try:
            return run("get", self, _index(key))
        except ValueError as error:  # iteration ends with an IndexError
            raise IndexError(str(error)) from None

    def __setitem__(self, key, value, /):
        if not isinstance(value, Array):
            value = operand(value, self)
        self._handle = run("set", self, _index(key), value)._handle

    def __abs__(self):
        return run("abs", self)

    def __invert__(self):
        return run("bitwise_invert", self)

    def __neg__(self):
        return run("negative", self)

    def __pos__(self):
        return run("positive", self)

    __hash__ = None
    __eq__, _ = _operator("equal")
    __ne__, _ = _operator("not_equal")
    __lt__, _ = _operator("less")
    __le__, _ = _operator("less_equal")
    __gt__, _ = _operator("greater")
    __ge__, _ = _operator("greater_equal")
    __add__, __radd__ = _operator("add")
    __sub__, __rsub__ = _operator("subtract")
    __mul__, __rmul__ = _operator("multiply")
    __truediv__, __rtruediv__ = _operator("divide")
    __floordiv__, __rfloordiv__ = _operator("floor_divide")
    __mod__, __rmod__ = _operator("remainder")
    __pow__, __rpow__ = _operator("pow")
    __matmul__, __rmatmul__ = _operator("matmul")
    __and__, __rand__ = _operator("bitwise_and")
    __or__, __ror__ = _operator("bitwise_or")
    __xor__, __rxor__ = _operator("bitwise_xor")
    __lshift__, __rlshift__ = _operator("bitwise_left_shift")
    __rshift__, __rrshift__ = _operator("bitwise_right_shift")
