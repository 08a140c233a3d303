"""`--model`: which classifier, and for a CNN how it is trained."""

from __future__ import annotations

from typing import Any

import click

from ksfeat.errors import InputError

TABLES = ("xgboost", "svm", "linear")
_OWN_OPTION = {
    "model": "--model",
    "size": "--size",
    "channels": "--window",
    "random_state": "--seed",
    "epochs": "--epochs",
    "checkpoint": "none: each fold would need a file of its own",
}


class Model(click.ParamType):
    """A classifier by name."""

    name = "xgboost|svm|linear|cnn:NAME"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Take the name of a table's classifier, or cnn: and a network's, which is judged later."""
        if value not in TABLES and not str(value).startswith("cnn:"):
            self.fail(f"{value!r}; expected one of {', '.join(TABLES)}, cnn:NAME", param, ctx)
        return str(value)


def make_asked_model(
    name: str, seed: int, epochs: int | None, training: dict[str, Any], describing: dict[str, Any]
) -> Any:
    """Return the model that the options ask for.

    Raises
    ------
    InputError
        If an option has no use for this model.
    MissingExtraError
        If it is a CNN, and torch is not installed.
    """
    from ksfeat.models.classifiers import make_classifier

    if not name.startswith("cnn:"):
        if epochs is not None or training:
            raise InputError(
                f"--{'epochs' if epochs is not None else 'training'} is of a CNN, and the model is "
                f"{name}; leave it out, or give --model cnn:NAME"
            )
        return make_classifier(name, random_state=seed)
    for given in training:
        if given in _OWN_OPTION:
            raise InputError(f"--training {given}: it has its own option ({_OWN_OPTION[given]})")
    asked = {"size": describing.get("size"), "channels": describing.get("window"), "epochs": epochs}
    known = {key: value for key, value in asked.items() if value is not None}
    model = make_classifier(name, random_state=seed, **known, **training)
    model.check()
    return model


def make_asked_pictures(
    model: Any, jobs: int, params: str | None, describing: dict[str, Any]
) -> Any:
    """Return what shows images to a CNN; refuse options that say how features are computed."""
    from ksfeat.models.extractors import make_picture_extractor

    used = {"size", "window", "preprocess"}
    given = {**describing, "params": params}
    idle = [
        name for name, value in given.items()
        if name not in used and value not in (None, (), ("auto",))
    ]  # fmt: skip
    if idle:
        raise InputError(
            f"--{idle[0].replace('_', '-')} says how features are computed, and a CNN looks at "
            "pictures; leave it out, or use another model"
        )
    steps = ",".join(describing.get("preprocess") or ())
    extractor = make_picture_extractor(model, preprocess=steps or None, n_jobs=jobs)
    extractor.check()
    return extractor
