"""Sixty-four voxels at a time: a question about each is one bit of a number.

Numba compiles no comparison of 64 numbers to one word by itself, so that is said to LLVM, which
has it for every processor: one instruction or a few. Nothing here checks bounds: arrays must go on
for `WORD` elements beyond the last that is asked about.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types, uint64

from ksfeat.scale.compiled import instruction, part_of_kernel

WORD = 64
STEP = 8  # numbers that `write_step` writes
_I1, _I32, _I64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)


def lanes(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """Return a pointer to the `WORD` elements of an array that begin at an index (LLVM code)."""
    element = context.get_data_type(kind.dtype)
    first = builder.gep(context.make_array(kind)(context, builder, array).data, [index])
    return builder.bitcast(first, ir.VectorType(element, WORD).as_pointer())


def load(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """Load the `WORD` elements of an array that begin at an index, aligned or not (LLVM code)."""
    return builder.load(lanes(context, builder, kind, array, index), align=kind.dtype.bitwidth // 8)


def repeated(builder: Any, value: Any, kind: Any) -> Any:
    """Return a vector of one value (LLVM code)."""
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, value, ir.Constant(_I32, 0))
    places = ir.Constant(ir.VectorType(_I32, kind.count), [0] * kind.count)
    return builder.shuffle_vector(first, nothing, places)


@instruction
def equal_word(typing: Any, levels: Any, one: Any, two: Any) -> Any:
    """Return a word whose bit x is set where ``levels[one + x] == levels[two + x]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        here, there = (load(context, builder, levels, args[0], place) for place in args[1:])
        return builder.bitcast(builder.icmp_unsigned("==", here, there), _I64)

    return types.uint64(levels, types.int64, types.int64), generate


@instruction
def present_word(typing: Any, values: Any, start: Any) -> Any:
    """Return a word whose bit x is set where ``values[start + x]`` is not 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        here = load(context, builder, values, *args)
        return builder.bitcast(
            builder.icmp_unsigned("!=", here, ir.Constant(here.type, None)), _I64
        )

    return types.uint64(values, types.int64), generate


@instruction
def lowest(typing: Any, word: Any) -> Any:
    """Return the place of the lowest bit that is set, of a word that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(_I1, 1))

    return types.uint64(types.uint64), generate


@instruction
def write_step(typing: Any, numbers: Any, start: Any, number: Any) -> Any:
    """Write one number into ``numbers[start : start + STEP]``, which are of 32 bits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.VectorType(_I32, STEP)
        data = context.make_array(numbers)(context, builder, args[0]).data
        first = builder.bitcast(builder.gep(data, [args[1]]), kind.as_pointer())
        builder.store(repeated(builder, args[2], kind), first, align=4)
        return context.get_dummy_value()

    return types.void(numbers, types.uint64, types.uint32), generate


@part_of_kernel
def without_lowest(word: np.uint64) -> np.uint64:
    """Return a word without its lowest bit."""
    return word & (word - uint64(1))


@part_of_kernel
def inside_word(levels: np.ndarray, start: int, stop: int) -> np.uint64:
    """Return the voxels from `start` on that are in the region and before `stop`."""
    word = present_word(levels, start)
    left = stop - start
    return word & ((uint64(1) << uint64(left)) - uint64(1)) if left < WORD else word


@part_of_kernel
def near_word(levels: np.ndarray, start: int, offsets: np.ndarray, inside: np.uint64) -> np.uint64:
    """Return which of the voxels `inside` have an equal neighbour on either side."""
    word = uint64(0)
    for offset in offsets:
        word |= equal_word(levels, start, start - offset)
        word |= equal_word(levels, start, start + offset)
    return word & inside
