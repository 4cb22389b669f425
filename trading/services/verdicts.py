"""What a test of one pair means, in plain words that claim no more than it does."""

from titan_core.analysis import CointegrationTest

__all__ = ["said_pvalue", "verdict"]

BAR = {"1d": "daily", "1wk": "weekly", "1mo": "monthly"}


def verdict(
    tickers: tuple[str, str],
    *,
    test: CointegrationTest,
    reverse: CointegrationTest,
    half_life: float | None,
    correlation: float | None,
    min_correlation: float,
    significance_level: float,
    timeframe: str,
) -> str:
    """A few sentences: the answer, both directions, what else speaks against it, and what one look is worth."""
    first, second = tickers
    p = min(1.0, 2.0 * min(test.pvalue, reverse.pvalue))
    level, bars = f"{significance_level:.3g}", f"{test.n_obs:,} {BAR.get(timeframe, timeframe)} bars"
    if p <= significance_level:
        answer = f"Evidence of cointegration at the {level} level in {bars}: {said_pvalue(p)}"
    else:
        answer = f"No evidence of cointegration at the {level} level in {bars}: {said_pvalue(p)}"
    directions = (
        f"{first} on {second} {said_pvalue(test.pvalue)}, {second} on {first} {said_pvalue(reverse.pvalue)}"
    )
    sentences = [f"{answer} with both directions counted ({directions})."]
    if p <= significance_level:
        if reverse.statistic < test.statistic:
            sentences.append(
                f"{second} on {first} is the stronger direction; the figures here are of the other."
            )
        sentences.append(
            f"The spread's half-life is {half_life:.3g} bars."
            if half_life is not None
            else "Yet the spread shown does not revert."
        )
    if test.hedge_ratio <= 0:
        sentences.append("The hedge ratio is not positive, so the second leg hedges nothing.")
    if correlation is None or correlation < min_correlation:
        found = "undefined" if correlation is None else f"{correlation:.3f}"
        sentences.append(f"The correlation of returns is {found}, below the {min_correlation:.3g} asked for.")
    sentences.append(
        "This is one look, not corrected for any other pair you looked at: of unrelated pairs, "
        f"about {100 * significance_level:.3g} in 100 would pass it."
    )
    return " ".join(sentences)


def said_pvalue(p: float) -> str:
    """``p = 0.0123``; below 1e-6 only that it is."""
    if p < 1e-6:
        return "p < 1e-6"
    return f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"
