"""The optional parts that a network needs, imported where they are used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from ksfeat.errors import InputError, MissingExtraError


def require(module: str, purpose: str, extra: str) -> ModuleType:
    """Return a module of an extra, or raise the error that says how to install it.

    Raises
    ------
    MissingExtraError
        If it is not installed.

    Examples
    --------
    >>> require("no_such_module", "flying", "wings")
    Traceback (most recent call last):
    ...
    ksfeat.errors.MissingExtraError: flying needs an optional part; install it with: \
pip install 'ksfeat[wings]'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(purpose, extra) from error


def require_zoo(module: str) -> ModuleType:
    """Return torchvision or timm, which no extra brings: they follow the installed torch.

    Raises
    ------
    InputError
        If it is missing, or was built for another torch.
    """
    try:
        return import_module(module)
    except Exception as error:
        # A torchvision of another torch fails with whatever its compiled part meets first.
        raise InputError(
            f"{module} cannot be imported ({type(error).__name__}); a model of it was asked for; "
            f"install the {module} that belongs to your torch"
        ) from error
