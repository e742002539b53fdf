"""How kernels see a `Network`: as a pointer to its arrays, of which they own nothing.

Numba would hand a named tuple over by value, some hundred machine words at every call from kernel
to kernel, and count references at every access to one of its arrays: a fifth of a first run went
into compiling that. Who calls a kernel from Python holds the network, so its arrays outlive the
call; a kernel must not give a part of them back to Python.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, intrinsic, models, register_model, typeof_impl, unbox

from engramlab.engine.network import Network

FIELD = {name: place for place, name in enumerate(Network._fields)}


class NetworkType(types.Type):
    """Type of a network in kernels.

    Parameters
    ----------
    arrays : tuple of numba.types.Array
        Types of its fields.
    """

    def __init__(self, arrays: tuple[Any, ...]) -> None:
        self.arrays = arrays
        super().__init__(name=f"Network{arrays}")

    @property
    def mangling_args(self) -> tuple[str, tuple[()]]:
        """Short, as it becomes part of the name of every kernel."""
        return "Network", ()


@typeof_impl.register(Network)
def _type_of(network: Network, context: Any) -> NetworkType:
    return NetworkType(tuple(typeof_impl(array, context) for array in network))


@register_model(NetworkType)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, of: NetworkType) -> None:
        super().__init__(manager, of, cgutils.voidptr_t)


@unbox(NetworkType)  # type: ignore[untyped-decorator]
def _from_python(of: NetworkType, network: Any, c: Any) -> NativeValue:
    kind = types.Tuple(of.arrays)
    arrays = c.unbox(kind, network)
    place = cgutils.alloca_once_value(c.builder, arrays.value)
    pointer = c.builder.bitcast(place, cgutils.voidptr_t)

    def give_back() -> None:  # else the arrays, held for the call, would live for ever
        if arrays.cleanup is not None:
            arrays.cleanup()
        c.context.nrt.decref(c.builder, kind, arrays.value)

    return NativeValue(pointer, is_error=arrays.is_error, cleanup=give_back)


def _place(context: Any, builder: Any, of: NetworkType, network: Any, name: str) -> Any:
    """Pointer to an array of a network; all that it consists of is 8 bytes wide."""
    before = [context.get_value_type(array) for array in of.arrays[: FIELD[name]]]
    offset = sum(map(context.get_abi_sizeof, before))
    kind = context.get_value_type(of.arrays[FIELD[name]]).as_pointer()
    return cgutils.pointer_add(builder, network, offset, return_type=kind)


def _array(context: Any, builder: Any, of: NetworkType, network: Any, name: str) -> Any:
    """An array of a network where it lies."""
    from numba.np.arrayobj import make_array  # takes longer than all kernels on disk

    place = _place(context, builder, of, network, name)
    return make_array(of.arrays[FIELD[name]])(context, builder, ref=place)


def _borrow(context: Any, builder: Any, kind: Any, **parts: Any) -> Any:
    """An array that owns nothing, so that the compiler drops all counting of references to it."""
    from numba.np.arrayobj import make_array, populate_array

    array = make_array(kind)(context, builder)
    populate_array(array, meminfo=None, **parts)
    return array._getvalue()


@infer_getattr
class _Fields(AttributeTemplate):
    key = NetworkType

    def generic_resolve(  # type: ignore[override]
        self, of: NetworkType, name: str
    ) -> Any:
        """Type of a field."""
        return of.arrays[FIELD[name]] if name in FIELD else None


@lower_getattr_generic(NetworkType)  # type: ignore[untyped-decorator]
def _field(context: Any, builder: Any, of: NetworkType, network: Any, name: str) -> Any:
    array = builder.load(_place(context, builder, of, network, name))
    for owner in (0, 1):  # meminfo and parent
        nothing = array.type.elements[owner](None)
        array = builder.insert_value(array, nothing, owner)
    return array


def _element(context: Any, builder: Any, signature: Any, args: Any, name: str) -> Any:
    """Pointer to where an array of the network has its entry `args[1]` along the first axis."""
    array = _array(context, builder, signature.args[0], args[0], name)
    stride = cgutils.unpack_tuple(builder, array.strides)[0]
    return cgutils.pointer_add(builder, array.data, builder.mul(args[1], stride))


@intrinsic
def variable(typing: Any, network: Any, index: Any) -> Any:
    """`network.neuron[index]`, for less code."""
    kind = types.Array(types.float32, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = _array(context, builder, network, args[0], "neuron")
        return _borrow(
            context,
            builder,
            kind,
            data=_element(context, builder, signature, args, "neuron"),
            shape=cgutils.unpack_tuple(builder, array.shape)[1:],
            strides=cgutils.unpack_tuple(builder, array.strides)[1:],
            itemsize=array.itemsize,
        )

    return kind(network, types.intp), generate


@intrinsic
def signal(typing: Any, network: Any, index: Any) -> Any:
    """`network.signal[index:index + 1]`, of which kernels ask for `[0]`, for less code."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _element(context, builder, signature, args, "signal")

    return types.CPointer(types.float64)(network, types.intp), generate


@intrinsic
def parameter(typing: Any, network: Any, index: Any) -> Any:
    """`network.parameter[index]`, for less code."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_element(context, builder, signature, args, "parameter"))

    return types.float64(network, types.intp), generate


@intrinsic
def is_on(typing: Any, network: Any, index: Any) -> Any:
    """`network.on[index]`, for less code."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte = builder.load(_element(context, builder, signature, args, "on"))
        return context.cast(builder, byte, types.uint8, types.boolean)

    return types.boolean(network, types.intp), generate
