"""Pictures of certainty: whether probabilities come true, and what a decision gains."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's, each with a marker of its own.
STYLES = (
    ("#0072B2", "o"),
    ("#E69F00", "s"),
    ("#009E73", "^"),
    ("#CC79A7", "D"),
    ("#56B4E9", "v"),
    ("#D55E00", "P"),
)


def reliability_diagram(curve: pd.DataFrame, remark: str = "") -> Figure:
    """Draw how often each class came true against its probability.

    Parameters
    ----------
    curve : DataFrame
        From `reliability_curve`.
    remark : str, optional
        What the title ends with, such as "simulated".

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import numpy as np
    >>> from ksfeat.metrics import reliability_curve
    >>> chances = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]])
    >>> figure = reliability_diagram(reliability_curve(["a", "b", "b", "b"], chances, ["a", "b"]))
    >>> figure.axes[0].get_xlabel()
    'probability'
    """
    figure, axes = _new_figure("reliability: 95 % intervals over groups", remark)
    draw_reliability(axes, curve)
    axes.legend(frameon=False)
    return figure


def draw_reliability(axes: Axes, curve: pd.DataFrame) -> None:
    """Draw what `reliability_diagram` shows on axes of somebody else's figure."""
    axes.plot([0, 1], [0, 1], color="black", linewidth=1, linestyle=":", label="as said")
    names = curve["class"].unique().tolist()
    # Of two classes, the curve of one is that of the other turned round.
    for place, name in enumerate(names[1:] if len(names) == 2 else names):
        colour, marker = STYLES[place % len(STYLES)]
        part = curve[curve["class"] == name]
        below, above = part["observed"] - part["low"], part["high"] - part["observed"]
        axes.errorbar(
            part["predicted"],
            part["observed"],
            yerr=[below.clip(lower=0), above.clip(lower=0)],
            color=colour,
            marker=marker,
            capsize=3,
            label=name,
        )
    axes.set(xlabel="probability", ylabel="share that came true", xlim=(0, 1), ylim=(0, 1))


def decision_diagram(curve: pd.DataFrame, positive: str, remark: str = "") -> Figure:
    """Draw the net benefit of acting on a probability, against acting on everyone and nobody.

    Parameters
    ----------
    curve : DataFrame
        From `decision_curve`.
    positive : str
        The class that is acted on.
    remark : str, optional
        What the title ends with, such as "simulated".

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import numpy as np
    >>> from ksfeat.metrics import decision_curve
    >>> chances = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]])
    >>> curve = decision_curve(["a", "b", "b", "b"], chances, ["a", "b"], "b")
    >>> decision_diagram(curve, "b").axes[0].get_title(loc="left")
    "net benefit of acting on 'b'"
    """
    figure, axes = _new_figure(f"net benefit of acting on {positive!r}", remark)
    steps = curve["threshold"]
    axes.fill_between(steps, curve["low"], curve["high"], color="#0072B2", alpha=0.2, linewidth=0)
    axes.plot(steps, curve["model"], color="#0072B2", label="by the model (95 % interval)")
    axes.plot(steps, curve["all"], color="#E69F00", linestyle="--", label="on everyone")
    axes.axhline(0, color="black", linewidth=1, linestyle=":", label="on nobody")
    top = max(float(curve["high"].max()), 0.01)
    axes.set(xlabel="threshold", ylabel="net benefit an image", ylim=(-0.25 * top, 1.1 * top))
    axes.legend(frameon=False)
    return figure


def learning_diagram(curve: pd.DataFrame, remark: str = "") -> Figure:
    """Draw the AUROC against the number of groups that trained.

    Parameters
    ----------
    curve : DataFrame
        From `learning_curve`.
    remark : str, optional
        What the title ends with, such as "simulated".

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> row = {"share": 1.0, "groups": 8.0, "auroc": 0.8, "low": 0.7, "high": 0.9}
    >>> learning_diagram(pd.DataFrame([row])).axes[0].get_xlabel()
    'training groups a fold'
    """
    figure, axes = _new_figure("learning curve: 95 % intervals over groups", remark)
    colour, marker = STYLES[0]
    reach = [curve["auroc"] - curve["low"], curve["high"] - curve["auroc"]]
    reach = [part.clip(lower=0) for part in reach]
    axes.errorbar(
        curve["groups"], curve["auroc"], yerr=reach, color=colour, marker=marker, capsize=3
    )
    axes.axhline(0.5, color="black", linewidth=1, linestyle=":")
    axes.set(xlabel="training groups a fold", ylabel="AUROC", xlim=(0, None), ylim=(0.4, 1))
    return figure


def describe_learning(curve: pd.DataFrame) -> str:
    """Say what `learning_diagram` shows.

    Examples
    --------
    >>> describe_learning(pd.DataFrame([{"groups": 8.0, "auroc": 0.8}]))
    '8 groups: AUROC 0.80.'
    """
    return " ".join(
        f"{row['groups']:.0f} groups: AUROC {row['auroc']:.2f}." for row in curve.to_dict("records")
    )


def describe_decision(curve: pd.DataFrame, positive: str) -> str:
    """Say what `decision_diagram` shows.

    Examples
    --------
    >>> row = {"threshold": 0.5, "model": 0.2, "low": 0.1, "high": 0.3, "all": 0.0}
    >>> describe_decision(pd.DataFrame([row]), "b")
    "Acting on 'b' gains most over acting on everyone or nobody at a threshold of 0.50: 0.20."
    """
    gain = curve["model"] - curve["all"].clip(lower=0)
    best = int(gain.to_numpy().argmax())
    return (
        f"Acting on {positive!r} gains most over acting on everyone or nobody at a threshold of "
        f"{curve['threshold'].iloc[best]:.2f}: {gain.iloc[best]:.2f}."
    )


def describe_reliability(curve: pd.DataFrame) -> str:
    """Say what `reliability_diagram` shows, for who cannot see it.

    Examples
    --------
    >>> row = {"class": "b", "images": 4, "predicted": 0.3, "observed": 0.5}
    >>> describe_reliability(pd.DataFrame([row]))
    "'b': 4 images of probability 0.30, of which 0.50 came true."
    """
    return " ".join(
        f"{row['class']!r}: {row['images']} images of probability {row['predicted']:.2f}, "
        f"of which {row['observed']:.2f} came true."
        for row in curve.to_dict("records")
    )


def _new_figure(title: str, remark: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5.5, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title + (f", {remark}" if remark else ""), fontsize=10, loc="left")
    return figure, axes
