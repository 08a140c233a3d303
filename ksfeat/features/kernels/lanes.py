"""Where voxels are counted in the table of pairs and runs, sixty-four at a time.

Said to LLVM as `words` is: what numba makes of the same loops takes three times as long, and
thirty times where lines are short.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from ksfeat.features.kernels.words import WORD, lanes, load, repeated
from ksfeat.scale.compiled import instruction

_I16, _I32 = ir.IntType(16), ir.IntType(32)
_LEVELS, _CELLS = ir.VectorType(_I16, WORD), ir.VectorType(_I32, WORD)
_NONE = ir.Constant(_LEVELS, None)
_ONE = ir.Constant(_LEVELS, [1] * WORD)
_PLACES = ir.Constant(_LEVELS, list(range(1, WORD + 1)))


def _later(builder: Any, vector: Any, steps: int) -> Any:
    """Return a vector moved up by some places, with zeros before."""
    order = [x - steps if x >= steps else WORD for x in range(WORD)]
    return builder.shuffle_vector(vector, _NONE, ir.Constant(_CELLS, order))


def _larger(builder: Any, one: Any, two: Any) -> Any:
    return builder.select(builder.icmp_unsigned(">", one, two), one, two)


@instruction
def follow(typing: Any, levels: Any, positions: Any, start: Any) -> Any:
    """Work out positions in runs along a line, after that of the voxel before `start`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flat, known, here = args
        before = builder.sub(here, ir.Constant(here.type, 1))
        same = builder.icmp_unsigned(
            "==",
            load(context, builder, levels, flat, here),
            load(context, builder, levels, flat, before),
        )
        # The place of the latest voxel that begins a run, of those up to each: 0 for none.
        begun = builder.select(same, _NONE, _PLACES)
        for steps in (1, 2, 4, 8, 16, 32):
            begun = _larger(builder, begun, _later(builder, begun, steps))
        data = context.make_array(positions)(context, builder, known).data
        carried = repeated(builder, builder.load(builder.gep(data, [before])), _LEVELS)
        ahead = builder.select(
            builder.icmp_unsigned("==", begun, _NONE), carried, builder.sub(_ONE, begun)
        )
        found = builder.add(_PLACES, ahead)
        builder.store(found, lanes(context, builder, positions, known, here), align=2)
        return context.get_dummy_value()

    return types.void(levels, positions, types.int64), generate


@instruction
def advance(typing: Any, levels: Any, positions: Any, start: Any, offset: Any) -> Any:
    """Work out positions in runs from those of neighbours, `WORD` voxels before or more."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flat, known, here, offset = args
        there = builder.sub(here, offset)
        same = builder.icmp_unsigned(
            "==",
            load(context, builder, levels, flat, here),
            load(context, builder, levels, flat, there),
        )
        before = load(context, builder, positions, known, there)
        found = builder.add(builder.select(same, before, _NONE), _ONE)
        builder.store(found, lanes(context, builder, positions, known, here), align=2)
        return context.get_dummy_value()

    return types.void(levels, positions, types.int64, types.int64), generate


@instruction
def look_up(  # noqa: PLR0913
    typing: Any,
    levels: Any,
    positions: Any,
    start: Any,
    offset: Any,
    shape: Any,
    cells: Any,
    first: Any,
) -> Any:
    """Work out each voxel's cell in the table: its position's where it equals its neighbour.

    The shape is (length of a row of pairs, of a row of positions, where the latter begin, the
    longest position); a pair's row is that of its lower level.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        flat, known, here, offset, shape, cells_, first = args
        span, stride, begin, longest = (builder.extract_value(shape, k) for k in range(4))
        one = load(context, builder, levels, flat, here)
        two = load(context, builder, levels, flat, builder.sub(here, offset))
        same = builder.icmp_unsigned("==", one, two)
        below = builder.icmp_unsigned("<", one, two)
        low, high = builder.select(below, one, two), builder.select(below, two, one)
        # Outside the region runs have no end: they wrap round in the row of level 0.
        limit = repeated(builder, builder.trunc(longest, _I16), _LEVELS)
        position = builder.and_(load(context, builder, positions, known, here), limit)
        row = builder.select(
            same, repeated(builder, stride, _CELLS), repeated(builder, span, _CELLS)
        )
        table = builder.select(same, repeated(builder, begin, _CELLS), ir.Constant(_CELLS, None))
        column = builder.zext(builder.select(same, position, high), _CELLS)
        cell = builder.add(builder.mul(builder.zext(low, _CELLS), row), builder.add(column, table))
        builder.store(cell, lanes(context, builder, cells, cells_, first), align=4)
        return context.get_dummy_value()

    shape_type = types.UniTuple(types.uint32, 4)
    return (
        types.void(levels, positions, types.int64, types.int64, shape_type, cells, types.int64),
        generate,
    )
