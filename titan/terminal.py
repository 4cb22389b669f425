"""What `titan` adds to Django's command line: its own commands listed first, and one form for every refusal."""

import sys
from typing import Any

from django.core.management import ManagementUtility, get_commands, load_command_class
from django.core.management.base import BaseCommand, CommandError, SystemCheckError

__all__ = ["Terminal", "refuse"]

_OURS = ("api", "channels_app", "common", "frontend", "trading", "users")
_WIDTH = 100


def refuse(reason: object) -> None:
    """Say on stderr why a command ends, as every command does."""
    sys.stderr.write(f"titan: {reason}\n")


class Terminal(ManagementUtility):
    """Django's commands with TITAN's before them."""

    def main_help_text(self, commands_only: bool = False) -> str:  # noqa: FBT001, FBT002 - Django's signature
        """TITAN's commands with a line each, Django's by name behind them; all names for completion."""
        if commands_only or self.settings_exception is not None:
            return str(super().main_help_text(commands_only))
        apps = get_commands()
        ours = sorted(name for name, app in apps.items() if app in _OURS)
        others = sorted(apps.keys() - set(ours))
        width = max(map(len, ours))
        return "\n".join(
            [
                "Usage: titan COMMAND [options]   (`titan help COMMAND` for its options)",
                "",
                *(
                    f"  {name.replace('_', '-'):<{width}}  {_line(load_command_class(apps[name], name))}"
                    for name in ours
                ),
                "",
                "Django's commands:",
                *_wrapped(others),
            ]
        )

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command, which refuses as `titan:` and not by the name of an exception."""
        command: BaseCommand = super().fetch_command(subcommand.replace("-", "_"))  # modules have no dashes
        inner = command.execute

        def execute(*args: Any, **options: Any) -> str | None:
            try:
                return inner(*args, **options)
            except CommandError as error:
                if options.get("traceback") or isinstance(error, SystemCheckError):
                    raise
                refuse(error)
                sys.exit(error.returncode)

        command.execute = execute  # type: ignore[method-assign]  # of this one object, made for this one run
        return command


def _line(command: BaseCommand) -> str:
    """What a command does: the first sentence of its help."""
    return command.help.partition(". ")[0].rstrip(".")


def _wrapped(names: list[str]) -> list[str]:
    """Names in lines of a terminal's width."""
    lines = [" "]
    for name in names:
        if len(lines[-1]) + len(name) + 1 > _WIDTH:
            lines.append(" ")
        lines[-1] += f" {name}"
    return lines
