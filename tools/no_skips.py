"""A pytest plugin (``-p tools.no_skips``): a run in which any test was left out has failed."""

import pytest

_LEFT_OUT = ("skipped", "xfailed", "xpassed", "deselected")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a green run with holes in it red."""
    if session.exitstatus == pytest.ExitCode.OK and holes(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the holes."""
    for outcome, count in holes(terminalreporter.config).items():
        terminalreporter.write_line(f"{count} tests {outcome}: this run allows none", red=True, bold=True)


def holes(config: pytest.Config) -> dict[str, int]:
    """Outcome → number of tests that were not really run."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return {}
    return {outcome: len(reporter.stats[outcome]) for outcome in _LEFT_OUT if reporter.stats.get(outcome)}
