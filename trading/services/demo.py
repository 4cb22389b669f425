"""What a first visitor finds: real prices of twenty stocks, a synthetic universe whose truth is known, an account."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction

from common.env import DemoAccount
from titan_core.data.demo import DEMO_SYMBOLS, load_demo
from titan_core.data.listings import Listing
from titan_core.data.synthetic import SyntheticUniverse, synthetic_universe
from trading.models import AssetClass, PlantedPair, Series, Symbol, Universe
from trading.services.base_service import BaseService, async_form
from trading.services.market_data import MarketDataService
from trading.services.pair_analysis import PairAnalysisService
from trading.services.refusals import Refusal
from trading.services.watching import WatchService
from trading.utils import as_datetime
from users.models import User
from users.roles import Role

__all__ = ["DemoService", "DemoUniverse"]

TEXTBOOK_PAIR = ("KO", "PEP")
SYNTHETIC_SEED = 20_221_228  # any number does; changing it changes every figure in the documentation
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DemoUniverse:
    """How a universe of the demo is called."""

    slug: str
    name: str
    source: Universe.Source
    description: str
    provenance: str
    n_symbols: int


US_LARGE_CAPS = DemoUniverse(
    slug="us-large-caps",
    name="US large caps 1990–2022",
    source=Universe.Source.DEMO,
    description=(
        "Twenty large US stocks, daily total-return prices from 1990 to 2022. All of them still traded in 2022, "
        "so results suffer from survivorship."
    ),
    provenance="skfolio",
    n_symbols=len(DEMO_SYMBOLS),
)
SYNTHETIC = DemoUniverse(
    slug="synthetic",
    name="Synthetic, truth known",
    source=Universe.Source.SYNTHETIC,
    description=(
        "Sixty made-up stocks over ten years: twelve pairs are cointegrated, six are until they break, the rest "
        "wander on their own. A scan of it can be compared with the truth."
    ),
    provenance="synthetic",
    n_symbols=60,
)


class DemoService(BaseService):
    """Loads the demo; asked again, it finds everything there and is done at once."""

    def __init__(self, market_data: MarketDataService | None = None) -> None:
        self.market_data = market_data or MarketDataService()
        self.pair_analysis = PairAnalysisService()

    def is_loaded_sync(self) -> bool:
        """Whether both universes are there with bars for each of their symbols."""
        return all(_is_whole(universe) for universe in (US_LARGE_CAPS, SYNTHETIC))

    is_loaded = async_form(is_loaded_sync)

    def load_sync(self, progress: Progress | None = None) -> bool:
        """Load what is missing; whether anything was. ``progress`` counts series over both universes.

        Raises `DataUnavailable` when the package with the prices is not installed.
        """
        total = US_LARGE_CAPS.n_symbols + SYNTHETIC.n_symbols
        loaded = False
        if not _is_whole(US_LARGE_CAPS):
            self._load_us_large_caps(_part(progress, 0, total))
            loaded = True
        if not _is_whole(SYNTHETIC):
            self._load_synthetic(_part(progress, US_LARGE_CAPS.n_symbols, total))
            loaded = True
        return loaded

    load = async_form(load_sync)

    @transaction.atomic
    def ensure_user_sync(self, account: DemoAccount, *, reset_password: bool) -> bool:
        """Have a trader of that name; whether the account's password is the one they log in with.

        An existing user keeps a password changed in the application unless `reset_password` (the operator has set
        TITAN_DEMO_PASSWORD) says otherwise.
        """
        user = User.objects.filter(username=account.username).first()
        if user is None:
            User.objects.create_with_role(
                account.username,
                role=Role.TRADER,
                password=account.password,
                first_name="Demo",
                last_name="Trader",
            )
            return True
        if user.check_password(account.password):
            return True
        if reset_password:
            user.set_password(account.password)
            user.save(update_fields=["password"])
        return reset_password

    ensure_user = async_form(ensure_user_sync)

    @transaction.atomic
    def watch_first_pairs_sync(self, username: str) -> int:
        """Put the textbook pair and one that is truly tied on the account's Dashboard; how many were.

        Only pairs nobody has registered yet: stars taken off later stay off.
        """
        owner = User.objects.get(username=username)
        planted = PlantedPair.objects.filter(
            universe__slug=SYNTHETIC.slug, kind=PlantedPair.Kind.COINTEGRATED
        ).select_related("symbol_1", "symbol_2")
        legs = [TEXTBOOK_PAIR, *((pair.symbol_1.ticker, pair.symbol_2.ticker) for pair in planted[:1])]
        done = 0
        for symbol_1, symbol_2 in legs:
            try:
                pair = self.pair_analysis.register_sync(
                    symbol_1=symbol_1, symbol_2=symbol_2, created_by=owner
                )
            except Refusal:
                continue
            WatchService().watch_sync(owner=owner, pair=pair)
            done += 1
        return done

    watch_first_pairs = async_form(watch_first_pairs_sync)

    def _load_us_large_caps(self, progress: Progress) -> None:
        universe = _universe(US_LARGE_CAPS, DEMO_SYMBOLS, AssetClass.EQUITY)
        self.market_data.ingest_panel_sync(
            load_demo(), source=US_LARGE_CAPS.provenance, universe=universe, progress=progress
        )

    def _load_synthetic(self, progress: Progress) -> None:
        made = synthetic_universe(seed=SYNTHETIC_SEED, n_cointegrated=12, n_breaking=6, n_random=24)
        universe = _universe(SYNTHETIC, made.listings, AssetClass.SYNTHETIC)
        _plant(universe, made)
        self.market_data.ingest_panel_sync(
            made.panel, source=SYNTHETIC.provenance, universe=universe, progress=progress
        )


def _is_whole(demo: DemoUniverse) -> bool:
    """Whether every symbol of the universe has its bars: a load that was killed half-way is done again."""
    return (
        Series.objects.with_bars().filter(symbol__universes__slug=demo.slug, source=demo.provenance).count()
        == demo.n_symbols
    )


@transaction.atomic
def _universe(demo: DemoUniverse, listings: Iterable[Listing], asset_class: AssetClass) -> Universe:
    """The universe's row and its symbols' rows; members join with their bars, so that it is never half full."""
    for listing in listings:
        Symbol.objects.get_or_create(
            ticker=listing.ticker,
            defaults={
                "name": listing.name,
                "sector": listing.sector,
                "exchange": listing.exchange,
                "asset_class": asset_class,
            },
        )
    universe, _ = Universe.objects.get_or_create(
        slug=demo.slug,
        defaults={"name": demo.name, "source": demo.source, "description": demo.description},
    )
    return universe


@transaction.atomic
def _plant(universe: Universe, made: SyntheticUniverse) -> None:
    """Record the truth about each planted pair."""
    symbols = {symbol.ticker: symbol for symbol in Symbol.objects.filter(ticker__in=made.panel.symbols)}
    PlantedPair.objects.bulk_create(
        (
            PlantedPair(
                universe=universe,
                symbol_1=symbols[pair.symbol_1],
                symbol_2=symbols[pair.symbol_2],
                kind=pair.kind,
                hedge_ratio=pair.hedge_ratio,
                half_life=pair.half_life,
                break_at=None if pair.break_at is None else as_datetime(pair.break_at),
            )
            for pair in made.truth
        ),
        ignore_conflicts=True,
    )


def _part(progress: Progress | None, offset: int, total: int) -> Progress:
    """Progress of one universe as progress of both."""

    def report(done: int, _: int) -> None:
        if progress is not None:
            progress(offset + done, total)

    return report
