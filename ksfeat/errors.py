"""The errors a user can meet; each message names what was found, what was expected and the mend."""

from __future__ import annotations

from typing import TypeVar

Outcome = TypeVar("Outcome")


class KsfeatError(Exception):
    """Base of every error that ksfeat raises on purpose.

    The command line prints its message as one line and exits with code 2.
    """


class InputError(KsfeatError, ValueError):
    """An image, a table or a parameter that cannot be used as it was given."""


class ArtifactError(KsfeatError, ValueError):
    """A model file that is damaged, foreign, hostile or newer than this version."""


class MissingExtraError(KsfeatError, ImportError):
    """A feature that needs an optional dependency which is not installed.

    Parameters
    ----------
    purpose : str
        What was asked for, in the user's words.
    extra : str
        The extra that brings it.

    Examples
    --------
    >>> print(MissingExtraError("reading NIfTI files", "nifti"))
    reading NIfTI files needs an optional part; install it with: pip install 'ksfeat[nifti]'
    """

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs an optional part; install it with: pip install 'ksfeat[{extra}]'"
        )


def unless_error(outcome: Outcome | InputError) -> Outcome:
    """Return what came of an image, or raise it where it is an error.

    Examples
    --------
    >>> unless_error(3)
    3
    """
    if isinstance(outcome, InputError):
        raise outcome
    return outcome
