"""Exact Shapley values of an RBF support vector machine, by quadrature.

The kernel is a product over features, K(x, s) = prod_j a_j with a_j = exp(-gamma (x_j - s_j)^2). In
the game where an absent feature's factor is one, the Shapley value of feature j is

    phi_j = integral over t in [0, 1] of (a_j - 1) prod_{i != j} (1 - t + t a_i) dt,

since a random coalition of random size is, player by player, a coin of random bias t. The integrand
is a polynomial of degree d - 1 in t, which Gauss-Legendre quadrature with ceil(d / 2) nodes
integrates exactly; fewer, chosen by how far the factors are from one, give the same to 1e-11.
"""

from __future__ import annotations

import numpy as np
from sklearn.svm import SVC

from ksfeat.attribution.encoded import sum_by_origin
from ksfeat.models.svm import SVMClassifier


def explain_svm(model: SVMClassifier, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Attribute the margins of one-vs-rest RBF machines in the game "absent = 1".

    Parameters
    ----------
    model : SVMClassifier
        Fitted.
    X : ndarray of shape (n, d)
        Rows to explain; NaN allowed.

    Returns
    -------
    values : ndarray of shape (n, d, k)
    base_values : ndarray of shape (k,)
        Intercept plus the sum of the dual coefficients: every kernel factor being one.
    """
    encoded = model.encoder_.transform(X)
    parts = np.stack(
        [
            np.array([_attribute(machine, row) for row in encoded]).reshape(encoded.shape)
            for machine in model.machines_
        ],
        axis=2,
    )
    base = [machine.intercept_[0] + machine.dual_coef_.sum() for machine in model.machines_]
    return sum_by_origin(parts, model.encoder_, X.shape[1]), np.array(base)


def _attribute(machine: SVC, row: np.ndarray) -> np.ndarray:
    factors = np.exp(-machine._gamma * (row - machine.support_vectors_) ** 2)
    return product_game(factors, machine.dual_coef_[0])


def product_game(factors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the Shapley values of ``sum_i weights_i prod_{j in S} factors_ij``.

    Parameters
    ----------
    factors : ndarray of shape (m, d)
        Factor of each player in each product, in [0, 1].
    weights : ndarray of shape (m,)
        Weight of each product.

    Returns
    -------
    ndarray of shape (d,)
        Adds up to ``sum_i weights_i (prod_j factors_ij - 1)``.

    Examples
    --------
    >>> import numpy as np
    >>> product_game(np.array([[0.5, 1.0, 0.5]]), np.array([1.0])).round(3)
    array([-0.375,  0.   , -0.375])
    """
    steps = factors - 1.0
    values = np.zeros(factors.shape[1])
    for node, share in zip(*_quadrature(steps), strict=True):
        # Nodes lie inside (0, 1), so that a term is at least 1 - t > 0 and may be divided by.
        terms = 1.0 + node * steps
        products = weights * np.exp(np.log(terms).sum(axis=1))
        values += share * (products @ (steps / terms))
    return values


def _quadrature(steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights on [0, 1]: enough to be exact, fewer where factors are near one."""
    exact = -(-steps.shape[1] // 2)
    # How far the polynomial is from a constant bounds the nodes it needs: a rule checked against
    # the exact count in the tests (6e-12 at worst).
    enough = int(np.ceil(10 + 3 * np.sqrt((-steps).sum(axis=1).max())))
    nodes, weights = np.polynomial.legendre.leggauss(min(exact, enough))
    return (nodes + 1) / 2, weights / 2
