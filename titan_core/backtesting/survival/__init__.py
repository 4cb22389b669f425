"""Survival of a scan: whether what was found kept reverting afterwards, and more often than look-alikes did."""

from titan_core.backtesting.survival.formation import FormationPair, formation_pairs, matched_pairs
from titan_core.backtesting.survival.report import Group, Outcome, Survival, survival

__all__ = [
    "FormationPair",
    "Group",
    "Outcome",
    "Survival",
    "formation_pairs",
    "matched_pairs",
    "survival",
]
