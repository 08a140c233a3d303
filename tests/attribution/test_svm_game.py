"""The quadrature of the product-kernel game against the enumeration of every coalition."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat import make_classifier
from ksfeat.attribution import svm
from ksfeat.attribution.svm import explain_svm, product_game

LAW = settings(max_examples=60, derandomize=True, deadline=None)


def enumerate_coalitions(factors, weights):
    """Shapley's definition, over 2^d coalitions: (d,) values, and how large their terms are."""
    m, d = factors.shape
    values = np.zeros((m, d))
    for player in range(d):
        others = [other for other in range(d) if other != player]
        for size in range(d):
            share = factorial(size) * factorial(d - 1 - size) / factorial(d)
            for coalition in combinations(others, size):
                product = factors[:, list(coalition)].prod(axis=1)
                values[:, player] += share * product * (factors[:, player] - 1)
    return weights @ values, np.abs(weights) @ np.abs(values)


@st.composite
def games(draw, most_players=10):
    """Kernel factors between 1 (gamma 1e-4) and 0 (gamma 10), weights of both signs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    m, d = draw(st.integers(1, 4)), draw(st.integers(1, most_players))
    gamma = 10 ** draw(st.floats(-4, 1))
    factors = np.exp(-gamma * rng.normal(size=(m, d)) ** 2)
    factors[rng.random((m, d)) < 0.1] = draw(st.sampled_from([0.0, 1.0, 1e-300]))
    return factors, rng.normal(size=m)


@settings(LAW, max_examples=40)
@given(games(most_players=8))
def test_quadrature_is_enumeration(game):
    expected, scale = enumerate_coalitions(*game)
    np.testing.assert_array_less(np.abs(product_game(*game) - expected), 1e-12 * scale + 1e-300)


def test_quadrature_is_enumeration_of_1024_coalitions():
    rng = np.random.default_rng(0)
    game = np.exp(-0.3 * rng.normal(size=(5, 10)) ** 2), rng.normal(size=5)
    expected, scale = enumerate_coalitions(*game)
    assert (np.abs(product_game(*game) - expected) / scale).max() < 1e-12


def game_with_nodes(factors, weights, n_nodes):
    nodes, shares = np.polynomial.legendre.leggauss(n_nodes)
    values = np.zeros(factors.shape[1])
    for node, share in zip((nodes + 1) / 2, shares / 2, strict=True):
        terms = 1 - node + node * factors
        for player in range(len(values)):
            others = np.delete(terms, player, axis=1).prod(axis=1)
            values[player] += share * weights @ ((factors[:, player] - 1) * others)
    return values


@LAW
@given(games(most_players=120))
def test_fewer_nodes_are_enough(game):
    """As many nodes as make the quadrature exact give what the chosen number gives."""
    factors, weights = game
    exact = game_with_nodes(factors, weights, -(-factors.shape[1] // 2))
    scale = game_with_nodes(factors, np.abs(weights), -(-factors.shape[1] // 2))
    found = product_game(factors, weights)
    np.testing.assert_array_less(np.abs(found - exact), 1e-10 * np.abs(scale) + 1e-300)


@pytest.fixture(scope="module")
def rule_of_700():
    """Nodes and shares that are exact for 1,400 features."""
    nodes, shares = np.polynomial.legendre.leggauss(700)
    return (nodes + 1) / 2, shares / 2


@pytest.mark.parametrize("mean_step", [1e-4, 0.01, 0.1, 0.5, 0.99])
def test_fewer_nodes_are_enough_for_1400_features(mean_step, rule_of_700):
    """The hard case is many features that all matter: the polynomial is steep at 0."""
    rng = np.random.default_rng(1)
    steps = -np.minimum(rng.exponential(mean_step, (1, 1400)), 1.0)
    steps = (1 + steps) - 1  # as much of a step as its factor keeps
    found = product_game(1 + steps, np.ones(1))
    nodes, shares = rule_of_700
    terms = 1 + nodes[:, None] * steps
    others = np.exp(np.log(terms).sum(axis=1))[:, None] / terms
    np.testing.assert_allclose(found, shares @ others * steps[0], rtol=1e-10)
    assert len(svm._quadrature(steps)[0]) < 130


@LAW
@given(games())
def test_attributions_add_up(game):
    factors, weights = game
    expected = weights @ (factors.prod(axis=1) - 1)
    scale = np.abs(weights) @ (1 - factors.prod(axis=1))
    assert abs(product_game(factors, weights).sum() - expected) <= 1e-12 * scale + 1e-300


@LAW
@given(games())
def test_equal_players_get_the_same_and_a_player_that_changes_nothing_gets_zero(game):
    factors, weights = game
    twice = np.column_stack([factors, factors[:, :1], np.ones(len(factors))])
    values = product_game(twice, weights)
    assert values[0] == pytest.approx(values[-2], rel=1e-12)
    assert values[-1] == 0


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_game_is_the_machines_margin_with_absent_factors_set_to_one(n_classes):
    """The margin of every coalition, straight from the machine, and Shapley's sum over them."""
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(40, 4)), rng.integers(0, n_classes, 40)
    model = make_classifier("svm", gamma=0.4).fit(X, y)
    values, base = explain_svm(model, X[:3])
    encoded = model.encoder_.transform(X[:3])
    for output, machine in enumerate(model.machines_):
        assert machine.decision_function(encoded) == pytest.approx(
            base[output] + values[:, :, output].sum(axis=1), rel=1e-9
        )
        for row, found in zip(encoded, values[:, :, output], strict=True):
            factors = np.exp(-0.4 * (row - machine.support_vectors_) ** 2)
            expected, _ = enumerate_coalitions(factors, machine.dual_coef_[0])
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
