"""The `titan` command line: TITAN's commands before Django's, one form for every refusal, lines that arrive at once."""

import sys
from pathlib import Path

import pytest

from titan.__main__ import main
from titan.terminal import Terminal


def test_help_lists_titan_s_commands_first_with_a_line_each() -> None:
    ours, _, others = Terminal(["titan"]).main_help_text().partition("\nDjango's commands:\n")
    listed = [line.split(maxsplit=1) for line in ours.splitlines() if line.startswith("  ")]
    names = [name for name, _ in listed]
    assert {"up", "demo", "scan", "ingest", "backtest", "invite", "audit", "migrate"} <= set(names)
    assert names == sorted(names)
    assert all(10 < len(words) <= 110 for _, words in listed)
    assert {"shell", "createsuperuser", "runserver"} <= set(others.split())
    assert not set(names) & set(others.split())
    assert max(map(len, others.splitlines())) <= 100


def test_completion_still_gets_every_name() -> None:
    assert {"up", "shell"} <= set(Terminal(["titan"]).main_help_text(commands_only=True).split())


def test_a_refusal_is_titan_s_and_no_exception_s_name(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["titan", "ingest", "/there/is/none.csv", "--user", "tom"]
    with pytest.raises(SystemExit) as ended:
        Terminal(arguments).fetch_command("ingest").run_from_argv(arguments)
    assert ended.value.code == 1
    assert capsys.readouterr().err == "titan: there is no file /there/is/none.csv\n"


def test_a_line_is_in_a_redirected_log_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "log"
    seen: list[str] = []

    def say(terminal: Terminal) -> None:
        sys.stdout.write("TITAN is ready\n")
        seen.append(log.read_text())

    monkeypatch.setattr(Terminal, "execute", say)
    monkeypatch.setattr(sys, "argv", ["titan", "up"])
    with log.open("w", encoding="utf-8") as redirected:
        monkeypatch.setattr(sys, "stdout", redirected)
        main()
    assert seen == ["TITAN is ready\n"]
