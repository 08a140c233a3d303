"""A small benchmark that needs no network: its contenders and how it is run."""

from ksfeat.evaluation.benchmark import Settings

CONTENDERS = ("thumbnails/forest", "first_order/linear", "first_order+lbp/svm")
SETTINGS = Settings(n_folds=2, random_folds=1, n_sampled=12)
