"""`Contender`: a description of images and a model of it, or a network, by one name."""

from __future__ import annotations

from dataclasses import dataclass

from ksfeat.errors import InputError

CNN = "cnn:"
MODELS = ("xgboost", "svm", "linear", "forest")
THUMBNAILS, EMBEDDING, COVARIATES = "thumbnails", "embedding", "covariates"
STONES, BOXED = "stones", "boxed_stones"
ALL = "auto+embedding"
STANDARD = (
    "thumbnails/forest",
    *(
        f"{description}/{model}"
        for description in ("texture", "shape+density", EMBEDDING, "all")
        for model in ("xgboost", "svm", "linear")
    ),
    *(f"{description}/xgboost" for description in (STONES, f"all+{STONES}")),
)
WITH_BOXES = tuple(f"{description}/xgboost" for description in (BOXED, f"all+{BOXED}"))
WITH_COVARIATES = tuple(
    f"{description}/{model}"
    for description in (COVARIATES, f"all+{COVARIATES}")
    for model in ("xgboost", "svm", "linear")
)
_OWN_PARTS = (THUMBNAILS, EMBEDDING, STONES)  # described apart; families are described together
NETWORKS = ("cnn:efficientnet_lite0", "cnn:seed_cnn@100")  # each at its own size


@dataclass(frozen=True)
class Contender:
    """What stands in one row of a benchmark.

    Parameters
    ----------
    name : str
        DESCRIPTION/MODEL, or cnn:NETWORK, or cnn:NETWORK@SIZE.
    parts : tuple of str
        What an image is described by, side by side: "thumbnails", "embedding", "stones", or names
        of families and presets joined by "+". None of a network, which sees the image itself.
    model : str
        "xgboost", "svm", "linear", "forest", or the network's name.
    covariates : bool
        Whether the covariates of the data stand beside the description.
    boxed : bool
        Whether boxes or masks say in training which candidates are stones ("boxed_stones"); else
        the labels do, which is what a network is told.
    size : (int, int) or None
        Height and width of the pictures that a network sees, where its name says it.

    Examples
    --------
    >>> parse_contender("texture+embedding/svm").parts
    ('texture', 'embedding')
    >>> parse_contender("cnn:seed_cnn@100").size
    (100, 100)
    """

    name: str
    parts: tuple[str, ...]
    model: str
    covariates: bool = False
    boxed: bool = False
    size: tuple[int, int] | None = None

    @property
    def is_cnn(self) -> bool:
        """Whether it is a network that is trained on the images."""
        return self.name.startswith(CNN)

    @property
    def network_size(self) -> dict[str, tuple[int, int]]:
        """The parameter of `FineTunedCNN` that its name gives, if it does."""
        return {} if self.size is None else {"size": self.size}

    @property
    def file_stem(self) -> str:
        """Its name in files."""
        return self.name.replace("/", "-").replace(":", "-")


def parse_contender(name: str) -> Contender:
    """Return the contender of a name.

    Raises
    ------
    InputError
        If it is no name of one.
    """
    if name.startswith(CNN) and len(name) > len(CNN):
        network, _, size = name.removeprefix(CNN).partition("@")
        return Contender(name, (), network, size=_size_of(size, name))
    description, slash, model = name.partition("/")
    if not slash or model not in MODELS or not description:
        raise InputError(
            f"contender {name!r}; expected DESCRIPTION/MODEL such as texture+embedding/svm, with "
            f"a model of {', '.join(MODELS)}, or cnn:NETWORK[@SIZE]"
        )
    asked = description.split("+")
    words = [part for word in asked for part in (ALL if word == "all" else word).split("+")]
    if STONES in words and BOXED in words:
        raise InputError(f"contender {name!r}: stones learnt in two ways; expected one of them")
    boxed = BOXED in words
    words = [STONES if word == BOXED else word for word in words]
    families = [word for word in words if word not in _OWN_PARTS and word != COVARIATES]
    parts = [word for word in _OWN_PARTS if word in words]
    if families:
        parts.insert(0, "+".join(families))
    return Contender(name, tuple(parts), model, COVARIATES in words, boxed)


def _size_of(text: str, name: str) -> tuple[int, int] | None:
    """Return height and width of "100" or "192x256"; None of nothing."""
    if not text:
        return None
    height, _, width = text.partition("x")
    if not all(side.isdecimal() for side in (height, width or height)):
        raise InputError(f"contender {name!r}: size {text!r}; expected such as 192 or 192x256")
    return int(height), int(width or height)


def parse_contenders(names: tuple[str, ...]) -> tuple[Contender, ...]:
    """Return the contenders of some names; each stands once.

    Raises
    ------
    InputError
        If a name is none, or stands twice.
    """
    doubled = [name for place, name in enumerate(names) if name in names[:place]]
    if doubled or not names:
        found = f"{doubled[0]!r} stands twice" if doubled else "none"
        raise InputError(f"contenders: {found}; expected some, each once")
    return tuple(parse_contender(name) for name in names)
