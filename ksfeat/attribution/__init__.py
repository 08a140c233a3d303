"""Why a model said what it said: exact attributions of its margin to features."""

from ksfeat.attribution.explain import explain
from ksfeat.attribution.explanation import Explanation

__all__ = ["Explanation", "explain"]
