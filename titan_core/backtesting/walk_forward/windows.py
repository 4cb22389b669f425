"""The calendar of a walk-forward: which bars choose, which are left out, which are traded."""

from dataclasses import dataclass

from titan_core.checks import as_count
from titan_core.errors import InvalidInput, TooFewBars

__all__ = ["Schedule", "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """One turn: choose on ``train``, leave ``purge + embargo`` bars out, trade ``test``; ends are not included.

    Attributes
    ----------
    index : int
    train_first, train_end : bars the choice may see
    test_first, test_end : bars that are traded; the last window's end may lie beyond the last bar
    """

    index: int
    train_first: int
    train_end: int
    test_first: int
    test_end: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a history is walked through.

    Attributes
    ----------
    train_bars : bars of the first window's training, and of each one's where rolling
    test_bars : bars traded before the choice is made anew
    purge : longest holding time: bars whose trades may still be open when testing begins
    embargo : longest lookback of any rule tried, or more: with it no signal in the test looks back into the training
    anchored : training always begins at the first bar; else it rolls along

    Raises
    ------
    InvalidInput
        A count is negative, or a window is too short to be one.
    """

    train_bars: int
    test_bars: int
    purge: int
    embargo: int
    anchored: bool = False

    def __post_init__(self) -> None:
        """Each count alone."""
        as_count(self.train_bars, "train_bars", minimum=60)
        as_count(self.test_bars, "test_bars", minimum=10)
        as_count(self.purge, "purge")
        as_count(self.embargo, "embargo")
        if not isinstance(self.anchored, bool):
            raise InvalidInput(f"anchored must be True or False; it is {self.anchored!r}")

    @property
    def first_traded(self) -> int:
        """Bar at which the account is opened."""
        return self.train_bars + self.purge + self.embargo

    @property
    def min_bars(self) -> int:
        """Fewest bars with something to trade."""
        return self.first_traded + 3

    def windows(self, n_bars: int) -> tuple[Window, ...]:
        """Windows of a history, tests one after the other without a hole.

        A longer history only adds windows: those there are stay as they were, and the last may be cut short by the
        history's end. To leave a short one out would be to know at its first bar when the history ends.

        Raises
        ------
        TooFewBars
            There is no bar to trade.
        """
        gap = self.purge + self.embargo
        first = self.first_traded
        if n_bars < self.min_bars:
            raise TooFewBars(
                f"{n_bars} bars leave none to trade: training {self.train_bars}, purge {self.purge} and embargo "
                f"{self.embargo} take {first}; load a longer history or shorten the windows"
            )
        found = []
        for index, at in enumerate(range(first, n_bars - 1, self.test_bars)):
            end = at - gap
            start = 0 if self.anchored else end - self.train_bars
            found.append(Window(index, start, end, at, at + self.test_bars))
        return tuple(found)
