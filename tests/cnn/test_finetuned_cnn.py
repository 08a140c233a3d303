"""`FineTunedCNN`: it learns what can be seen, repeats itself, and goes on after a kill."""

import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight

from ksfeat.cnn import FineTunedCNN
from ksfeat.cnn.augment import Augmentation
from ksfeat.cnn.networks import build_network
from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.scale.progress import reporting

SMALL = {"model": "seed_cnn", "size": 32, "batch_size": 8, "device": "cpu"}


def spots(count: int, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray]:
    """Noise, half of it with a bright square somewhere."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 100, (count, 36, 36)).astype(np.uint8)
    labels = np.array(["none", "spot"])[np.arange(count) % 2]
    for image in images[1::2]:
        y, x = rng.integers(4, 24, 2)
        image[y : y + 8, x : x + 8] = 250
    return list(images), labels


@pytest.mark.slow
def test_it_learns_what_can_be_seen():
    images, labels = spots(48)
    cnn = FineTunedCNN(**SMALL, epochs=8, learning_rate=3e-3, augment=False).fit(images, labels)
    unseen, truth = spots(40, seed=1)
    assert cnn.score(unseen, truth) > 0.9
    assert cnn.losses_[-1] < cnn.losses_[0] / 2


def test_the_margin_is_that_of_the_second_class():
    images, labels = spots(16)
    cnn = FineTunedCNN(**SMALL, epochs=1).fit(images, labels)
    margin, shares = cnn.decision_function(images), cnn.predict_proba(images)
    np.testing.assert_allclose(margin, np.log(shares[:, 1] / shares[:, 0]), atol=1e-9)
    assert (cnn.predict(images) == cnn.classes_[(margin > 0).astype(int)]).all()


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    images, labels = spots(16)
    one, again, other = (
        FineTunedCNN(**SMALL, epochs=2, random_state=seed).fit(images, labels).losses_
        for seed in (1, 1, 2)
    )
    assert one == again != other


def test_stopped_after_an_epoch_it_goes_on_and_ends_the_same(tmp_path):
    images, labels = spots(20)
    whole = FineTunedCNN(**SMALL, epochs=4).fit(images, labels)
    kept = tmp_path / "state.pt"

    def stop(done, total):
        if done == 8:  # in the middle of the third epoch
            raise KeyboardInterrupt

    with reporting(stop), pytest.raises(KeyboardInterrupt):
        FineTunedCNN(**SMALL, epochs=4, checkpoint=kept).fit(images, labels)
    resumed = FineTunedCNN(**SMALL, epochs=4, checkpoint=kept).fit(images, labels)
    assert resumed.losses_ == whole.losses_
    np.testing.assert_array_equal(resumed.predict_proba(images), whole.predict_proba(images))


@pytest.mark.slow
def test_killed_in_an_epoch_it_goes_on_and_ends_the_same(tmp_path):
    images, labels = spots(20)
    whole = FineTunedCNN(**SMALL, epochs=4).fit(images, labels)
    kept = tmp_path / "state.pt"
    code = textwrap.dedent(f"""
        import os, signal, sys
        sys.path.insert(0, {str(__import__("pathlib").Path(__file__).parent)!r})
        from test_finetuned_cnn import SMALL, spots, FineTunedCNN
        from ksfeat.scale.progress import reporting
        def kill(done, total):
            if done == 8:  # in the middle of the third epoch
                os.kill(os.getpid(), signal.SIGKILL)
        with reporting(kill):
            FineTunedCNN(**SMALL, epochs=4, checkpoint={str(kept)!r}).fit(*spots(20))
    """)
    ended = subprocess.run([sys.executable, "-c", code], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert kept.exists()
    resumed = FineTunedCNN(**SMALL, epochs=4, checkpoint=kept).fit(images, labels)
    assert resumed.losses_ == whole.losses_
    np.testing.assert_array_equal(resumed.predict_proba(images), whole.predict_proba(images))


def test_a_checkpoint_of_other_images_is_refused(tmp_path):
    kept = tmp_path / "state.pt"
    FineTunedCNN(**SMALL, epochs=1, checkpoint=kept).fit(*spots(8))
    with pytest.raises(InputError, match=r"state\.pt: a checkpoint of other images or settings"):
        FineTunedCNN(**SMALL, epochs=1, checkpoint=kept).fit(*spots(8, seed=3))
    heavy = np.linspace(1, 9, 8)
    with pytest.raises(InputError, match="a checkpoint of other images or settings"):
        FineTunedCNN(**SMALL, epochs=1, checkpoint=kept).fit(*spots(8), sample_weight=heavy)
    kept.write_bytes(b"not a checkpoint")
    with pytest.raises(InputError, match=r"state\.pt: no checkpoint of ksfeat"):
        FineTunedCNN(**SMALL, epochs=1, checkpoint=kept).fit(*spots(8))


@settings(max_examples=20, deadline=None)
@given(groups=st.lists(st.integers(0, 9), min_size=20, max_size=40), seed=st.integers(0, 9))
def test_no_group_is_on_both_sides_of_the_validation_part(groups, seed):
    images, labels = spots(len(groups))
    if len(set(groups)) < 3:
        with pytest.raises(InputError, match="expected at least 3; use validation=0"):
            _parts(images, labels, np.array(groups), seed)
        return
    seen = _parts(images, labels, np.array(groups), seed)
    assert not set(seen[0]) & set(seen[1])
    assert len(seen[0]) + len(seen[1]) == len(groups)


def _parts(images, labels, groups, seed):
    from ksfeat.cnn.training import Examples

    codes = np.unique(labels, return_inverse=True)[1]
    numbered = Examples(*(torch.from_numpy(groups),) * 3)
    cnn = FineTunedCNN(**SMALL, validation=0.3, random_state=seed)
    return [part.labels.tolist() for part in cnn._parts(numbered, codes, groups)]


@pytest.mark.slow
def test_the_best_epoch_is_kept_and_training_stops_when_it_settles():
    """Labels are noise: the loss on the validation part can only get worse."""
    images, _ = spots(40)
    labels = np.random.default_rng(0).permutation(["a", "b"] * 20)
    cnn = FineTunedCNN(
        **SMALL, epochs=12, validation=0.25, patience=1, learning_rate=0.01, augment=False
    )
    cnn.fit(images, labels, groups=np.arange(40) // 2)
    assert len(cnn.losses_) < 12


def test_while_the_head_alone_learns_the_rest_stays():
    images, labels = spots(8)
    settings_ = {**SMALL, "model": "efficientnet_lite0"}
    cnn = FineTunedCNN(**settings_, epochs=1, frozen_epochs=1).fit(images, labels)
    before = build_network("efficientnet_lite0", 2, seed=0).network.state_dict()
    after = cnn.network_.state_dict()
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert changed == {"classifier.weight", "classifier.bias"}


def test_rare_classes_and_weights_count():
    images, labels = spots(24)
    heavy = FineTunedCNN(**SMALL, epochs=2).fit(images, labels, sample_weight=np.ones(24))
    light = FineTunedCNN(**SMALL, epochs=2).fit(images, labels)
    assert heavy.losses_ == light.losses_
    one_sided = np.where(labels == "spot", 50.0, 1.0)
    tilted = FineTunedCNN(**SMALL, epochs=2).fit(images, labels, sample_weight=one_sided)
    assert tilted.decision_function(images).mean() > light.decision_function(images).mean()


def test_classes_weigh_the_same_unless_said_otherwise():
    images, labels = spots(8)
    images, labels = images + images[1::2], np.append(labels, labels[1::2])
    balanced = compute_sample_weight("balanced", labels)
    one, same, plain = (
        FineTunedCNN(**SMALL, epochs=1, class_weight=how)
        .fit(images, labels, sample_weight=weights)
        .losses_
        for how, weights in (("balanced", None), (None, balanced), (None, None))
    )
    assert one == pytest.approx(same)
    assert one != pytest.approx(plain)


def test_training_images_are_augmented_unless_said_otherwise():
    first = [FineTunedCNN(**SMALL, epochs=1, augment=how).fit(*spots(8)) for how in (True, False)]
    assert first[0].losses_ != first[1].losses_


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), height=st.integers(20, 40), width=st.integers(20, 40))
def test_a_turned_disc_stays_a_disc_in_a_picture_that_is_not_square(seed, height, width):
    y, x = np.mgrid[:height, :width]
    disc = 255.0 * (np.hypot(y - (height - 1) / 2, x - (width - 1) / 2) < 6)
    images = torch.from_numpy(disc).float().expand(1, 3, -1, -1)
    turn = Augmentation(rotation=90, scaling=0, flip=True, intensity=0)
    turned = turn.apply(images, torch.Generator().manual_seed(seed))[0, 0].numpy()
    # The rim is interpolated; sheared, a disc would lose a quarter of its area to it.
    assert np.abs(turned - disc).sum() < 0.3 * disc.sum()


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"epochs": 0}, "epochs 0; expected a whole number from 1 to 1000"),
        ({"validation": 0.9}, "validation 0.9; expected a number from 0 to 0.5"),
        ({"frozen_epochs": 5}, "frozen_epochs 5; expected a whole number from 0 to 1"),
        ({"device": "abacus"}, "device 'abacus' is not to be had"),
        ({"model": "resnet"}, "model 'resnet'; expected one of efficientnet_lite0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(wrong, line):
    with pytest.raises(InputError, match=line):
        FineTunedCNN(**{**SMALL, "epochs": 1, **wrong}).fit(*spots(8))


def test_one_class_and_another_unit_are_refused():
    images, labels = spots(8)
    with pytest.raises(InputError, match="one class only"):
        FineTunedCNN(**SMALL).fit(images[::2], labels[::2])
    cnn = FineTunedCNN(**SMALL, epochs=1).fit(images, labels)
    with pytest.raises(InputError, match="unit 'HU'"):
        cnn.predict([StoneImage(np.zeros((40, 40)), "HU")])
