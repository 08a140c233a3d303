"""Splits in which no group stands on both sides, with a hash that names them."""

from ksfeat.splits.file import has_groups, read_split, write_split
from ksfeat.splits.make import make_split
from ksfeat.splits.schemes import NestedSplit, leave_one_group_out, nested_split, repeated_splits
from ksfeat.splits.split import Split, hash_sides

__all__ = [
    "NestedSplit",
    "Split",
    "has_groups",
    "hash_sides",
    "leave_one_group_out",
    "make_split",
    "nested_split",
    "read_split",
    "repeated_splits",
    "write_split",
]
