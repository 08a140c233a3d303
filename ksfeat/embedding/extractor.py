"""`CNNEmbedding`: images to vectors of a frozen network, as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ksfeat.embedding.backbones import load_backbone
from ksfeat.embedding.embedder import Embedder
from ksfeat.embedding.parameters import check_asked, side_of
from ksfeat.embedding.picture import PictureMaker
from ksfeat.embedding.readings import Readings
from ksfeat.embedding.store import VectorStore
from ksfeat.errors import InputError, unless_error
from ksfeat.io.sequences import as_sequence
from ksfeat.roi.admission import Admission
from ksfeat.roi.steps import parse_steps
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
    preprocess : str or sequence of str, optional
        Steps that each image goes through first, as `ksfeat.roi.parse_steps` reads them.
    n_jobs : int, optional
        Processes for whatever else is done to the images, as in `FeatureExtractor`. The network
        runs on torch's own threads: their number would change the last bits of a vector.

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
    masks_ : {"all", "none", "some"} or None
        With ``view="crop"``, which training images had a mask, as in `FeatureExtractor`; None
        where masks are not looked at.
    families_ : tuple of str
        ``("embedding",)``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> images = [rng.integers(0, 256, (64, 64)).astype(np.uint8) for _ in range(2)]
    >>> embedding = CNNEmbedding(size=64)
    >>> embedding.fit_transform(images).shape
    (2, 1280)
    """

    forced = False  # as in `FeatureExtractor`
    families_ = ("embedding",)
    left_out_: dict[str, str] = {}  # noqa: RUF012 - nothing ever is; the interface of an extractor

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
        preprocess: str | Sequence[str] | None = None,
        n_jobs: int | None = None,
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
        self.preprocess = preprocess
        self.n_jobs = n_jobs

    def check(self) -> None:
        """Raise an error if torch or a parameter is none that images can be described with."""
        check_asked(self)

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
        readings = self._readings(X)
        self.make_ready()
        for image in readings:
            unless_error(image)
        self._note(readings)
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
        return np.stack([unless_error(row) for row in self.transform_each(X)])

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Fit and transform in one pass over the images."""
        return np.stack([unless_error(row) for row in self.fit_transform_each(X)])

    def transform_each(self, X: Any) -> list[Outcome]:
        """Return a row, or the error, of each image; no image stops the others."""
        check_is_fitted(self)
        if not hasattr(self, "_embedder"):
            self.make_ready(self.weights_hash_)
        return self._rows(self._readings(X, Admission(self.units_, self.masks_, self.forced)))

    def fit_transform_each(self, X: Any) -> list[Outcome]:
        """Fit on the images that can be used; return a row, or the error, of each.

        Raises
        ------
        InputError
            If a parameter, or not one image, can be used.
        """
        readings = self._readings(X)
        self.make_ready()
        rows = self._rows(readings)
        if all(isinstance(row, InputError) for row in rows):
            raise rows[0]  # type: ignore[misc]
        self._note(readings)
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

    def make_ready(self, weights_hash: str | None = None) -> None:
        """Check the parameters and load the network.

        Parameters
        ----------
        weights_hash : str, optional
            Of the weights that it must have.

        Raises
        ------
        InputError
            If a parameter or the network cannot be used, or it has other weights.
        MissingExtraError
            If torch or the package with the weights is not installed.
        """
        self.check()
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

    def _readings(self, X: Any, admission: Admission | None = None) -> Readings:
        images, steps = as_sequence(X), parse_steps(self.preprocess)
        return Readings(images, admission or Admission(), steps)

    def _note(self, readings: Readings) -> None:
        self.units_: tuple[str, ...] | None = readings.units
        self.masks_ = readings.masks if self.view == "crop" else None

    def _rows(self, readings: Readings) -> list[Outcome]:
        rows: list[Outcome] = []
        for vector in self._embedder.embed(readings):
            rows.append(vector if isinstance(vector, InputError) else vector.astype(np.float64))
            report(len(rows), len(readings))
        return rows
