"""Is it true? Groups, cross-validation that keeps them whole, and scores with intervals."""

from ksfeat.evaluation.audit import GroupAudit, audit_groups
from ksfeat.evaluation.audit_data import DatasetAudit, audit_dataset
from ksfeat.evaluation.certainty import CertaintyPlan, Judgement
from ksfeat.evaluation.clustered_auroc import delong
from ksfeat.evaluation.compare import compare_aurocs, holm, mcnemar
from ksfeat.evaluation.crossval import CrossValidation, cross_validate, split_dataset
from ksfeat.evaluation.description import describe_dataset
from ksfeat.evaluation.harmonise import SiteHarmoniser
from ksfeat.evaluation.holdout import Holdout, evaluate
from ksfeat.evaluation.learning import learning_curve
from ksfeat.evaluation.proxy import find_proxy_groups
from ksfeat.evaluation.stability import Steadiness, intraclass_correlation, retest
from ksfeat.evaluation.strangers import without_strangers
from ksfeat.evaluation.training import Training, train

__all__ = [
    "CertaintyPlan",
    "CrossValidation",
    "DatasetAudit",
    "GroupAudit",
    "Holdout",
    "Judgement",
    "SiteHarmoniser",
    "Steadiness",
    "Training",
    "audit_dataset",
    "audit_groups",
    "compare_aurocs",
    "cross_validate",
    "delong",
    "describe_dataset",
    "evaluate",
    "find_proxy_groups",
    "holm",
    "intraclass_correlation",
    "learning_curve",
    "mcnemar",
    "retest",
    "split_dataset",
    "train",
    "without_strangers",
]
