"""What the demo account has tried already: one backtest and one small walk-forward, so that no page opens empty."""

from trading.models import Job, PlantedPair, Trial
from trading.services.backtest_service import BacktestService
from trading.services.base_service import BaseService, async_form
from trading.services.demo import SYNTHETIC, TEXTBOOK_PAIR
from trading.services.jobs import JobService
from trading.services.refusals import Refusal
from trading.services.walk_forward_service import WalkForwardService
from users.models import User

__all__ = ["DemoRunsService"]

_PLANTED = 4  # pairs the walk-forward chooses of
_RULE = {"window": 60, "entry_z": 2.0, "exit_z": 0.5}


class DemoRunsService(BaseService):
    """Makes the demo account's first runs."""

    def make_first_runs_sync(self, username: str) -> int:
        """Run both for an account that has looked at nothing yet; how many were made.

        Trials outlive the runs that counted them, so runs that were deleted do not come back.
        """
        owner = User.objects.get(username=username)
        if Trial.objects.filter(owner=owner).exists():
            return 0
        made = 0
        for request in (self._backtest, self._walk_forward):
            try:
                job = request(owner)
            except Refusal:  # bars of the demo were taken away
                continue
            if job is not None:
                JobService().run_sync(job.pk)
                made += 1
        return made

    make_first_runs = async_form(make_first_runs_sync)

    def _backtest(self, owner: User) -> Job | None:
        run = BacktestService().request_sync(
            owner=owner, name="/".join(TEXTBOOK_PAIR), pairs=[TEXTBOOK_PAIR], rule="rolling", parameters=_RULE
        )
        return Job.objects.about(run).first()

    def _walk_forward(self, owner: User) -> Job | None:
        planted = PlantedPair.objects.filter(
            universe__slug=SYNTHETIC.slug, kind=PlantedPair.Kind.COINTEGRATED
        ).select_related("symbol_1", "symbol_2")
        pairs = [(pair.symbol_1.ticker, pair.symbol_2.ticker) for pair in planted.order_by("pk")[:_PLANTED]]
        if not pairs:
            return None
        run = WalkForwardService().request_sync(
            owner=owner,
            name="Four planted pairs, synthetic prices",
            pairs=pairs,
            rule="rolling",
            grid={"window": [30, 60], "entry_z": [1.5, 2.0, 2.5]},
            train_bars=504,
            test_bars=252,
            top=2,
        )
        return Job.objects.about(run).first()
