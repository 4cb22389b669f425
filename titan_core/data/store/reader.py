"""Reading inside one snapshot: what every database answers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from titan_core.data.actions import CorporateAction
from titan_core.data.store.alignment import SeriesColumns, Window
from titan_core.data.store.records import Coverage, Revisions

__all__ = ["PriceReader"]


class PriceReader(ABC):
    """Queries of one snapshot."""

    @abstractmethod
    def columns(
        self, series_ids: Sequence[int], fields: Sequence[str], window: Window
    ) -> list[SeriesColumns]:
        """Each series' bars inside the window, oldest first; one without any has empty columns."""

    @abstractmethod
    def latest(self, series_ids: Sequence[int], fields: Sequence[str], n_bars: int) -> list[SeriesColumns]:
        """Each series' last bars, up to so many, oldest first."""

    @abstractmethod
    def actions(self, series: Mapping[str, int], window: Window) -> tuple[CorporateAction, ...]:
        """Corporate actions of the series inside the window."""

    @abstractmethod
    def coverage(self, series_ids: Iterable[int]) -> dict[int, Coverage]:
        """Coverage of every series asked for, known or not."""

    @abstractmethod
    def revisions(self, series_id: int) -> Revisions:
        """Superseded values of a series."""

    @abstractmethod
    def n_writes(self) -> int:
        """How many transactions have written, counted from anywhere."""
