"""Is it true? Groups, cross-validation that keeps them whole, and scores with intervals."""

from ksfeat.evaluation.audit import GroupAudit, audit_groups
from ksfeat.evaluation.crossval import CrossValidation, cross_validate, split_dataset
from ksfeat.evaluation.holdout import Holdout, evaluate
from ksfeat.evaluation.proxy import find_proxy_groups
from ksfeat.evaluation.training import Training, train

__all__ = [
    "CrossValidation",
    "GroupAudit",
    "Holdout",
    "Training",
    "audit_groups",
    "cross_validate",
    "evaluate",
    "find_proxy_groups",
    "split_dataset",
    "train",
]
