import re

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.features import DEFAULT, FAMILIES, PRESETS, families, resolve
from ksfeat.features.registry import named_singly


def test_the_default_set_is_fixed():
    assert DEFAULT == (
        "first_order",
        "histogram",
        "glcm",
        "lbp",
        "shape",
        "bright_spots",
        "isolated_spots",
        "hounsfield",
        "dual_energy",
    )
    assert set(DEFAULT) <= set(FAMILIES)


def test_every_column_is_unique_and_names_its_family():
    names = [feature.name for family in FAMILIES.values() for feature in family.features]
    assert len(names) == len(set(names))
    of_default = sum(len(FAMILIES[name].features) for name in DEFAULT)
    assert of_default == 164 + 13  # those of a second energy
    for family in FAMILIES.values():
        prefix = family.name.removesuffix("_mcc")
        assert all(re.fullmatch(rf"{prefix}_[a-z0-9_]+", name) for name in family.columns)
        assert all(feature.family == family.name for feature in family.features)
        assert all(feature.title and feature.unit for feature in family.features)


def test_ibsi_ids_are_four_characters_and_unique():
    ids = [f.ibsi_id for family in FAMILIES.values() for f in family.features if f.ibsi_id]
    # The intensity-volume histogram is read at 10 % and at 90 %, each under one identifier.
    assert len(ids) - 2 == len(set(ids)) >= 29 + 2 + 18 + 23 + 5 + 25 + 16 + 16 + 16 + 5 + 17
    assert all(re.fullmatch(r"[A-Z0-9]{4}", identifier) for identifier in ids)


def test_presets_hold_families_that_exist():
    assert all(set(names) <= set(FAMILIES) for names in PRESETS.values())
    assert set(resolve("all")) == set(FAMILIES) - {"glcm_mcc"}  # costly: only by its own name
    textures = ("glcm", "glrlm", "glszm", "ngtdm", "ngldm", "lbp")
    assert resolve(np.array(["shape", "texture", "glcm"])) == (*textures, "shape")


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_can_be_asked_for(name):
    assert name in resolve(name)


def test_a_preset_is_lenient_and_a_family_by_its_own_name_is_not():
    assert named_singly("density") == named_singly("all") == frozenset()
    assert named_singly(["spots", "lbp"]) == {"lbp"}


def test_columns_say_the_number_of_levels():
    assert families(64)["histogram"].columns[0] == "histogram_mean_fbn64"
    assert families(64)["lbp"].columns == families(32)["lbp"].columns


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(InputError, match=r"'glmc'; expected .*did you mean 'glcm'\?"):
        resolve(["shape", "glmc"])
    with pytest.raises(InputError, match="no features asked for"):
        resolve([])
    with pytest.raises(InputError, match="no features named 3"):
        resolve([3])
