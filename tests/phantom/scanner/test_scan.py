"""`Scan` refuses what no scanner does, in one line."""

import pytest

from ksfeat.errors import InputError
from ksfeat.phantom.scanner import Scan


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"size": 16}, "size=16; expected a number from 32 to 1024"),
        ({"size": 100.5}, "size=100.5; expected a whole number of pixels"),
        ({"size": True}, "size=True; expected a number from 32 to 1024"),
        ({"thickness_mm": 0}, "thickness_mm=0; expected a number from 0.5 to 10"),
        ({"dose": float("nan")}, "dose=nan; expected a number from 0.01 to 100"),
        ({"motion_mm": "much"}, "motion_mm='much'; expected a number from 0 to 20"),
        ({"kernel": "hard"}, "kernel 'hard'; expected one of soft, sharp"),
        ({"plane": "sagittal"}, "plane 'sagittal'; expected one of axial, coronal"),
        ({"beams": ("70",)}, "beam '70'; expected one of 80, 100, 120, 140, Sn140, Sn150"),
        ({"beams": ()}, "beams=(); expected a tuple of different beams, such as ('120',)"),
        ({"beams": "120"}, "beams='120'; expected a tuple of different beams, such as ('120',)"),
        (
            {"beams": ("80", "80")},
            "beams=('80', '80'); expected a tuple of different beams, such as ('120',)",
        ),
    ],
)
def test_a_wrong_scan_is_refused_in_one_line(wrong, said):
    with pytest.raises(InputError) as caught:
        Scan(**wrong)
    assert str(caught.value) == said
