"""Errors are one family, and still what Python code expects to catch."""

import pytest

from ksfeat.errors import ArtifactError, InputError, KsfeatError, MissingExtraError


@pytest.mark.parametrize(
    ("error", "builtin"),
    [(InputError, ValueError), (ArtifactError, ValueError), (MissingExtraError, ImportError)],
)
def test_every_error_is_a_ksfeat_error_and_the_builtin_it_refines(error, builtin):
    assert issubclass(error, KsfeatError)
    assert issubclass(error, builtin)


def test_a_missing_extra_names_the_command_that_installs_it():
    error = MissingExtraError("fine-tuning a CNN", "cnn")
    assert str(error) == (
        "fine-tuning a CNN needs an optional part; install it with: pip install 'ksfeat[cnn]'"
    )
