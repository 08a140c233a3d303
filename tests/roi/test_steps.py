import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.roi import (
    Clahe,
    CropToBody,
    CropToMask,
    ResampleIsotropic,
    Resize,
    Window,
    ZScore,
    parse_steps,
)
from ksfeat.roi.steps import STEPS

READ = [
    ("window:stone", Window("stone")),
    ("resize:64", Resize(64)),
    ("isotropic:0.75", ResampleIsotropic(0.75)),
    ("zscore", ZScore()),
    ("clahe", Clahe()),
    ("clahe:3", Clahe(3.0)),
    ("clahe:3:4", Clahe(3.0, 4)),
    ("crop:body", CropToBody()),
    ("crop:mask:5", CropToMask(5)),
    ("crop:mask:5px", CropToMask(5)),
    ("crop:body:2.5mm", CropToBody(2.5, "mm")),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_step_is_its_name_and_its_arguments(text, expected):
    (found,) = parse_steps(text)
    assert type(found) is type(expected)
    assert found.get_params() == expected.get_params()


def test_every_step_is_read_here():
    assert {text.split(":")[0] for text, _ in READ} == set(STEPS)


def test_steps_are_taken_in_the_order_that_they_are_written_in():
    text = " , ".join(text for text, _ in READ)
    for steps in (text, [text for text, _ in READ], tuple(text for text, _ in READ)):
        assert [type(step) for step in parse_steps(steps)] == [type(step) for _, step in READ]
    assert parse_steps(None) == ()


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ("sharpen", "step 'sharpen'; expected one of window:NAME, resize:PIXELS, isotropic:MM, z"),
        ("", "step ''; expected one of window"),
        ("clahe,,zscore", "step ''; expected one of window"),
        ("window", "step 'window'; expected window:NAME"),
        ("window:lung", "step 'window:lung': window 'lung'; expected one of soft_tissue, bone, st"),
        ("resize:many", "step 'resize:many'; expected resize:PIXELS"),
        ("resize:0", "step 'resize:0': size 0; expected a whole number from 1 to 8192"),
        ("isotropic:inf", "step 'isotropic:inf': mm inf; expected a number of at least 0.01"),
        ("zscore:1", "step 'zscore:1'; expected zscore"),
        ("clahe:2:8:1", r"step 'clahe:2:8:1'; expected clahe\[:CLIP_LIMIT\[:TILES\]\]"),
        ("crop:kidney", r"step 'crop:kidney'; expected crop:body\|mask\[:MARGIN"),
        ("crop:mask:wide", r"step 'crop:mask:wide'; expected crop:body\|mask"),
        ("crop:mask:-1mm", "step 'crop:mask:-1mm': margin -1.0; expected a number of at least 0"),
        (5, "preprocess 5; expected steps as text, such as 'window:stone'"),
        (np.arange(2), "preprocess array"),
    ],
)
def test_what_is_no_step_is_told_with_what_is_one(steps, message):
    with pytest.raises(InputError, match=message):
        parse_steps(steps)
