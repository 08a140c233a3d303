"""`FineTunedCNN`: a network trained on the images themselves, with scikit-learn's interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from ksfeat.cnn.augment import Augmentation
from ksfeat.cnn.networks import Trainable, build_network
from ksfeat.cnn.parameters import check_training
from ksfeat.cnn.pictures import stacked
from ksfeat.cnn.recipe import Precision, TrainingRecipe
from ksfeat.cnn.training import Examples, Training
from ksfeat.embedding.parameters import side_of
from ksfeat.embedding.picture import PictureMaker
from ksfeat.embedding.runtime import choose_device
from ksfeat.errors import InputError
from ksfeat.io.sequences import as_sequence, image_at


class FineTunedCNN(ClassifierMixin, BaseEstimator):
    """A CNN, trained on the images.

    Parameters
    ----------
    model : str, default="efficientnet_lite0"
        What is trained, as `ksfeat.cnn.networks.build_network` takes it.
    size : int or (int, int), default=192
        Side, or height and width, that images are stretched to, 32 to 1024 pixels.
    view : {"whole", "crop"}, default="whole"
        What is looked at: the whole image, or the box around its mask or boxes.
    epochs : int, default=8
        Passes over the images, 1 to 1000.
    frozen_epochs : int, default=1
        First epochs in which the new head alone is trained.
    batch_size : int, default=32
        Images at a time; `accumulate` batches make a step.
    accumulate : int, default=1
        Batches a step.
    learning_rate : float, default=1e-3
        Highest rate of the head, in one cycle; earlier layers learn more slowly.
    discriminative : float, default=3.0
        What the rate of each earlier third of the network is divided by; 1 for one rate.
    augment : bool, default=True
        Whether training images are turned, scaled, mirrored and changed in intensity.
    class_weight : {"balanced", None}, default="balanced"
        Whether rare classes count as much as common ones.
    validation : float, default=0.0
        Share of the training images, 0 to 0.5, that decides which epoch's weights are kept; no
        group is on both sides.
    patience : int, default=3
        With a validation part: epochs without a better loss after which training stops.
    channels : {"windows", "soft_tissue", "bone", "stone"}, default="windows"
        How HU become the three channels.
    precision : {"auto", "single", "mixed"}, default="auto"
        Of training: "mixed" multiplies in bfloat16, which processors that know it do twice as
        fast; "auto" does so on CUDA. The trained network answers in single precision.
    device : str, default="auto"
        "auto" is CUDA, else MPS, else the processor.
    checkpoint : path-like, optional
        File that holds the state after each epoch: the same fit, begun again, goes on from it and
        ends with the same network.
    random_state : int, default=0
        Seed of new weights, order and augmentation.

    Attributes
    ----------
    classes_ : ndarray
        Class labels, sorted.
    network_ : torch.nn.Module
        The trained network, on the processor.
    losses_ : list of float
        Mean training loss of each epoch.
    cpu_seconds_ : float
        What the epochs took, those before a kill included.

    Notes
    -----
    Groups travel by metadata routing: ``set_fit_request(groups=True)``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> dark = [rng.integers(0, 99, (40, 40)).astype(np.uint8) for _ in range(8)]
    >>> bright = [rng.integers(99, 256, (40, 40)).astype(np.uint8) for _ in range(8)]
    >>> cnn = FineTunedCNN("seed_cnn", size=32, epochs=2, frozen_epochs=0, batch_size=4)
    >>> cnn.fit(dark + bright, ["dark"] * 8 + ["bright"] * 8).predict_proba(dark[:1]).shape
    (1, 2)
    """

    takes_pictures = True  # of a table, where the other classifiers take numbers

    def __init__(  # noqa: PLR0913 - what a user may ask for; two are usual
        self,
        model: str = "efficientnet_lite0",
        *,
        size: int | tuple[int, int] = 192,
        view: str = "whole",
        epochs: int = 8,
        frozen_epochs: int = 1,
        batch_size: int = 32,
        accumulate: int = 1,
        learning_rate: float = 1e-3,
        discriminative: float = 3.0,
        augment: bool = True,
        class_weight: str | None = "balanced",
        validation: float = 0.0,
        patience: int = 3,
        channels: str = "windows",
        precision: Precision = "auto",
        device: str = "auto",
        checkpoint: str | Path | None = None,
        random_state: int = 0,
    ) -> None:
        self.model = model
        self.size = size
        self.view = view
        self.epochs = epochs
        self.frozen_epochs = frozen_epochs
        self.batch_size = batch_size
        self.accumulate = accumulate
        self.learning_rate = learning_rate
        self.discriminative = discriminative
        self.augment = augment
        self.class_weight = class_weight
        self.validation = validation
        self.patience = patience
        self.channels = channels
        self.precision = precision
        self.device = device
        self.checkpoint = checkpoint
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None, sample_weight: Any = None) -> FineTunedCNN:
        """Train the network.

        Parameters
        ----------
        X : sequence of image-like, length n
            Paths, arrays, `StoneImage`s or `Dataset.images`; or the table of a `PictureExtractor`.
        y : array-like of shape (n,)
            Class labels.
        groups : array-like of shape (n,), optional
            Keeps groups together when a validation part is taken.
        sample_weight : array-like of shape (n,), optional
            Weights of the images, beside those of the classes.

        Returns
        -------
        FineTunedCNN
            Itself.

        Raises
        ------
        InputError
            If a parameter or an image cannot be used, or there is one class only.
        """
        self.check()
        images = X if isinstance(X, pd.DataFrame) else as_sequence(X)
        labels = column_or_1d(y, warn=True)
        check_consistent_length(images, labels, groups, sample_weight)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"one class only ({self.classes_[0]!r}); expected two or more")
        self.units_: tuple[str, ...] | None = None
        pictures = self._pictures(images)
        weights = compute_sample_weight(self.class_weight, codes)
        weights = weights if sample_weight is None else weights * np.asarray(sample_weight)
        examples = Examples(
            torch.from_numpy(pictures),
            torch.from_numpy(codes.astype(np.int64)),
            torch.from_numpy(weights.astype(np.float32)),
        )
        train, validation = self._parts(examples, codes, groups)
        trainable = build_network(self.model, len(self.classes_), seed=self.random_state)
        self._training = self._new_training(trainable)
        self.losses_ = self._training.run(train, validation)
        self.cpu_seconds_ = self._training.cpu_s
        self.network_ = trainable.network
        return self

    def adopt(self, trained: Trainable, classes: np.ndarray) -> FineTunedCNN:
        """Take a network that was trained elsewhere, such as that of a model file."""
        self.classes_, self.units_ = classes, None
        self._training = self._new_training(trained)
        network = trained.network.to(self._training.device).eval()
        # As in training: another layout of memory changes the last bits of an answer.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network_ = network
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return margins: (n,) for ``classes_[1]`` of two classes, else logits (n, classes)."""
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the network's own, uncalibrated probabilities, (n, n_classes)."""
        logits = self._logits(X)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each image, (n,)."""
        return self.classes_[self._logits(X).argmax(axis=1)]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy on images and their labels."""
        return accuracy_score(y, self.predict(X), sample_weight=sample_weight)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def check(self) -> None:
        """Raise an `InputError` if a parameter is one that no network can be trained with."""
        check_training(self)

    def _pictures(self, images: Any) -> np.ndarray:
        """Return pictures (n, 3, H, W), uint8."""
        if isinstance(images, pd.DataFrame):
            return stacked(images, side_of(self.size))
        images = as_sequence(images)
        maker = PictureMaker(side_of(self.size), self.view, self.channels)
        pictures = np.empty((len(images), 3, *maker.side), dtype=np.uint8)
        units = set()
        for place, source in enumerate(images):
            image = image_at(place, source)
            if self.units_ is not None and image.unit not in self.units_:
                raise InputError(
                    f"{image.name}: unit {image.unit!r}; the network was trained on "
                    f"{' and '.join(self.units_)}, whose values mean something else"
                )
            units.add(image.unit)
            pictures[place] = maker.make(image)[0].round()
        self.units_ = self.units_ or tuple(sorted(units))
        return pictures

    def _parts(
        self, examples: Examples, codes: np.ndarray, groups: Any
    ) -> tuple[Examples, Examples | None]:
        """Take the validation part: a fold by groups where there are groups."""
        if self.validation == 0:
            return examples, None
        folds = max(2, round(1 / self.validation))
        found = len(codes if groups is None else np.unique(groups))
        if found < folds:
            raise InputError(
                f"validation={self.validation} of {found} groups; expected at least {folds}; "
                "use validation=0"
            )
        kind = StratifiedKFold if groups is None else StratifiedGroupKFold
        splitter = kind(folds, shuffle=True, random_state=self.random_state)
        train, held = next(iter(splitter.split(codes, codes, groups)))
        return _part(examples, train), _part(examples, held)

    def _new_training(self, trainable: Any) -> Training:
        recipe = TrainingRecipe(
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            discriminative=self.discriminative,
            frozen_epochs=self.frozen_epochs,
            accumulate=self.accumulate,
            augmentation=Augmentation() if self.augment else None,
            patience=self.patience if self.validation else None,
            precision=self.precision,
            seed=self.random_state,
        )
        path = None if self.checkpoint is None else Path(self.checkpoint)
        return Training(trainable, recipe, choose_device(self.device), path)

    @torch.inference_mode()
    def _logits(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        pictures = torch.from_numpy(self._pictures(X))
        parts = [
            self._training.logits(part.to(self._training.device).float()).cpu()
            for part in pictures.split(self.batch_size)
        ]
        logits = torch.cat(parts).double().numpy()
        if not np.isfinite(logits).all():
            raise InputError(f"{self.model} answers with what is no number; train it again")
        return logits


def _part(examples: Examples, places: np.ndarray) -> Examples:
    chosen = torch.from_numpy(places)
    return Examples(examples.pictures[chosen], examples.labels[chosen], examples.weights[chosen])
