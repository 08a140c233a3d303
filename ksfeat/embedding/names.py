"""Names of networks, judged before anything is imported for them."""

from __future__ import annotations

import re

from ksfeat.errors import InputError

PACKAGED = ("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2")
# A plain name of a model in a zoo: no path, no address, no other source (timm knows "hf-hub:...").
_ZOO_NAME = re.compile(r"(torchvision|timm):[A-Za-z0-9_]{1,80}(\.[A-Za-z0-9_]{1,80})?")


def check_network_name(name: object, *, also: tuple[str, ...] = ()) -> None:
    """Refuse what names no network; of a zoo's model, whether the zoo has it is asked later.

    Parameters
    ----------
    name : str
        What is asked for.
    also : tuple of str
        Other names that are taken.

    Raises
    ------
    InputError
        If it is neither a packaged network's name nor one as a zoo has them.

    Examples
    --------
    >>> check_network_name("timm:resnet18")
    >>> check_network_name("timm:hf-hub:somebody/anything", also=("seed_cnn",))
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: model 'timm:hf-hub:somebody/anything'; expected one of \
efficientnet_lite0, efficientnet_lite1, efficientnet_lite2, seed_cnn, or torchvision:NAME, timm:NAME
    """
    if name in (*PACKAGED, *also) or (isinstance(name, str) and _ZOO_NAME.fullmatch(name)):
        return
    raise InputError(
        f"model {name!r:.80}; expected one of {', '.join((*PACKAGED, *also))}, "
        "or torchvision:NAME, timm:NAME"
    )
