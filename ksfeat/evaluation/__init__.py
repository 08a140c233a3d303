"""Is it true? Groups, cross-validation that keeps them whole, and scores with intervals."""

from ksfeat.evaluation.audit import GroupAudit, audit_groups
from ksfeat.evaluation.audit_data import DatasetAudit, audit_dataset
from ksfeat.evaluation.crossval import CrossValidation, cross_validate, split_dataset
from ksfeat.evaluation.description import describe_dataset
from ksfeat.evaluation.holdout import Holdout, evaluate
from ksfeat.evaluation.proxy import find_proxy_groups
from ksfeat.evaluation.training import Training, train

__all__ = [
    "CrossValidation",
    "DatasetAudit",
    "GroupAudit",
    "Holdout",
    "Training",
    "audit_dataset",
    "audit_groups",
    "cross_validate",
    "describe_dataset",
    "evaluate",
    "find_proxy_groups",
    "split_dataset",
    "train",
]
