"""`CNNEmbedding`: images to vectors of a frozen network, as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ksfeat.embedding.backbones import load_backbone
from ksfeat.embedding.embedder import Embedder
from ksfeat.embedding.parameters import check_choices, side_of
from ksfeat.embedding.picture import PictureMaker
from ksfeat.embedding.store import VectorStore
from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io import ImageLike
from ksfeat.io.sequences import as_sequence, image_at
from ksfeat.scale.progress import report

Outcome = np.ndarray | InputError


class CNNEmbedding(TransformerMixin, BaseEstimator):
    """Turn images into the activations of a frozen CNN.

    Nothing is learned from the images, so embedding before a split leaks nothing.

    Parameters
    ----------
    model : str or torch.nn.Module, default="efficientnet_lite0"
        "efficientnet_lite0", "efficientnet_lite1" or "efficientnet_lite2" with the ImageNet
        weights of their packages; "torchvision:NAME" or "timm:NAME" where those are installed; or
        a module of your own that takes (n, 3, H, W), scaled as ImageNet's images are.
    layers : str or sequence of str, default="last"
        Whose activations: "last", what the last linear layer is given; or names as in the model's
        ``named_modules()``. Maps and tokens are averaged over their places.
    view : {"whole", "crop", "tiles"}, default="whole"
        What is looked at: the whole image; the box around its mask or boxes; or nine overlapping
        tiles, of which the mean and the maximum are returned.
    size : int or (int, int), default=224
        Side, or height and width, that pictures are stretched to, 32 to 1024 pixels.
    channels : {"windows", "soft_tissue", "bone", "stone"}, default="windows"
        How HU become the three channels: a window each, or one window three times.
    backend : {"torch", "compile", "openvino"}, default="torch"
        What runs the network, in single precision always: torch as it is, ``torch.compile``, or
        OpenVINO (an extra).
    device : str, default="auto"
        "auto" is CUDA, else MPS, else the processor; or a device by torch's name.
    batch_size : int, default=32
        Pictures at a time; vectors are the same whatever it is, to 1e-5 of their size.
    cache : path-like, optional
        Folder where vectors are kept, by the content of an image and by all that they depend on.

    Attributes
    ----------
    network_ : str
        Name of the network.
    weights_hash_ : str
        SHA-256 of the network's weights.
    lengths_ : tuple of int
        Number of values of each layer.
    n_features_out_ : int
        Number of columns.
    units_ : tuple of str
        Units of the training images; others are refused.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> images = [rng.integers(0, 256, (64, 64)).astype(np.uint8) for _ in range(2)]
    >>> embedding = CNNEmbedding(size=64)
    >>> embedding.fit_transform(images).shape
    (2, 1280)
    """

    def __init__(  # noqa: PLR0913 - what a user may ask for; one is usual
        self,
        model: str | Any = "efficientnet_lite0",
        *,
        layers: str | Sequence[str] = "last",
        view: str = "whole",
        size: int | tuple[int, int] = 224,
        channels: str = "windows",
        backend: str = "torch",
        device: str = "auto",
        batch_size: int = 32,
        cache: str | Path | None = None,
    ) -> None:
        self.model = model
        self.layers = layers
        self.view = view
        self.size = size
        self.channels = channels
        self.backend = backend
        self.device = device
        self.batch_size = batch_size
        self.cache = cache

    def fit(self, X: Any, y: Any = None) -> CNNEmbedding:
        """Make the network ready and read all images.

        Parameters
        ----------
        X : sequence of image-like
            Paths, arrays, `StoneImage`s or `ImageSource`s; or one array (N, H, W).
        y : ignored
            For scikit-learn.

        Returns
        -------
        CNNEmbedding
            Itself.

        Raises
        ------
        InputError
            If a parameter or an image cannot be used.
        MissingExtraError
            If torch or the package with the weights is not installed.
        """
        images = as_sequence(X)
        self._make_ready()
        read = [_unless_error(image) for image in _readings(images)]
        self.units_ = tuple(sorted({image.unit for image in read}))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return one row an image.

        Parameters
        ----------
        X : sequence of image-like
            As in `fit`.

        Returns
        -------
        ndarray of float64, shape (n_images, n_features_out_)

        Raises
        ------
        InputError
            For the first image that cannot be used.
        """
        return np.stack([_unless_error(row) for row in self.transform_each(X)])

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Fit and transform in one pass over the images."""
        return np.stack([_unless_error(row) for row in self.fit_transform_each(X)])

    def transform_each(self, X: Any) -> list[Outcome]:
        """Return a row, or the error, of each image; no image stops the others."""
        check_is_fitted(self)
        if not hasattr(self, "_embedder"):
            self._make_ready(self.weights_hash_)
        images = as_sequence(X)
        return self._rows(_readings(images, self.units_), len(images))

    def fit_transform_each(self, X: Any) -> list[Outcome]:
        """Fit on the images that can be used; return a row, or the error, of each.

        Raises
        ------
        InputError
            If a parameter, or not one image, can be used.
        """
        images = as_sequence(X)
        self._make_ready()
        units: set[str] = set()
        rows = self._rows(_noting(_readings(images), units), len(images))
        if all(isinstance(row, InputError) for row in rows):
            raise rows[0]  # type: ignore[misc]
        self.units_ = tuple(sorted(units))
        return rows

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns; `input_features` is ignored, images have none."""
        check_is_fitted(self)
        stem = f"embedding_{self.network_.replace(':', '_')}"
        names = [
            f"{stem}_{layer}{how}_{column}"
            for how in (("_tiles_mean", "_tiles_max") if self.view == "tiles" else ("",))
            for layer, length in zip(self._layers(), self.lengths_, strict=True)
            for column in range(length)
        ]
        return np.array(names, dtype=object)

    @property
    def n_features_out_(self) -> int:
        """Number of columns."""
        check_is_fitted(self)
        return sum(self.lengths_) * (2 if self.view == "tiles" else 1)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "units_")

    def __getstate__(self) -> dict[str, Any]:
        # What runs the network belongs to this process; it is made ready again where it is needed.
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_embedder"}

    def _layers(self) -> tuple[str, ...]:
        return (self.layers,) if isinstance(self.layers, str) else tuple(self.layers)

    def _make_ready(self, weights_hash: str | None = None) -> None:
        """Check the parameters and load the network, which must have the weights that are known."""
        check_choices(self.view, self.channels, self.backend, self.batch_size)
        side = side_of(self.size)
        backbone = load_backbone(self.model)
        if weights_hash not in (None, backbone.weights_hash):
            raise InputError(
                f"{backbone.name} has other weights ({backbone.weights_hash[:12]}...) than the "
                f"embedding was fitted with ({str(weights_hash)[:12]}...); give that network"
            )
        from ksfeat.embedding.runtime import lengths_of, prepare  # torch is there: it was loaded

        self.network_, self.weights_hash_ = backbone.name, backbone.weights_hash
        self.lengths_ = lengths_of(backbone, self._layers(), side)
        self._embedder = Embedder(
            prepare(backbone, self._layers(), self.backend, self.device),
            PictureMaker(side, self.view, self.channels),
            self.batch_size,
            fixed=self.backend != "torch",
            store=None if self.cache is None else VectorStore(self.cache, self._configuration()),
        )

    def _configuration(self) -> dict[str, Any]:
        """Return all that a vector depends on beside its image."""
        names = ("view", "channels", "backend", "device")
        return {
            **{name: getattr(self, name) for name in names},
            "size": side_of(self.size),
            "layers": self._layers(),
            "weights": self.weights_hash_,
        }

    def _rows(self, images: Iterator[StoneImage | InputError], total: int) -> list[Outcome]:
        rows: list[Outcome] = []
        for vector in self._embedder.embed(images):
            rows.append(vector if isinstance(vector, InputError) else vector.astype(np.float64))
            report(len(rows), total)
        return rows


def _readings(
    images: Sequence[ImageLike], units: tuple[str, ...] | None = None
) -> Iterator[StoneImage | InputError]:
    for place, source in enumerate(images):
        try:
            image = image_at(place, source)
        except InputError as error:
            yield error
            continue
        if units is not None and image.unit not in units:
            yield InputError(
                f"{image.name}: unit {image.unit!r}; the embedding was fitted to "
                f"{' and '.join(units)}, whose values mean something else"
            )
        else:
            yield image


def _noting(
    images: Iterator[StoneImage | InputError], units: set[str]
) -> Iterator[StoneImage | InputError]:
    for image in images:
        if not isinstance(image, InputError):
            units.add(image.unit)
        yield image


def _unless_error(outcome: Any) -> Any:
    if isinstance(outcome, InputError):
        raise outcome
    return outcome
