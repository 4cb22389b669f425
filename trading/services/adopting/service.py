"""Adopting: the checks before, the copy in one transaction a database, and the comparison after."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from titan_core.errors import InvalidInput, StoreError
from trading.services.adopting.digests import digest
from trading.services.adopting.rows import copied_models, copy_rows, reset_sequences
from trading.services.adopting.stopped import held_still, refuse_at_work, refuse_open
from trading.services.base_service import BaseService, async_form
from users.models import User

__all__ = ["AdoptService", "Adopted"]

Say = Callable[[str], object]
_FILES = {"default": "titan.sqlite3", "timescale": "timescale.sqlite3"}
_PIECE = 1 << 20


@dataclass(slots=True)
class Adopted:
    """What came over: rows by table and artefact files, each the same on both sides."""

    rows: dict[str, int] = field(default_factory=dict)
    n_artefacts: int = 0
    knows_secret: bool = True  # whether this TITAN's keys open what the other sealed
    locked: str | None = None  # the demo account, whose password came and does not hold


class AdoptService(BaseService):
    """Takes the databases and artefacts of an embedded TITAN into this one, which must be new."""

    def adopt_sync(self, home: Path, *, say: Say) -> Adopted:
        """Copy everything, bars first, and compare; either database is filled whole or not at all.

        Run again after a fault, it passes over what came before.

        Raises
        ------
        InvalidInput
            There is no TITAN in the folder, or it runs, here or elsewhere; it is of another release; this one has users
            already.
        StoreError
            A row can't be kept, or a table's rows are not the same afterwards.
        """
        files = _files(home)
        refuse_open(files)
        with held_still(files), _opened(home) as aliases:
            _check(home, aliases)
            adopted = Adopted(knows_secret=_knows_secret(home))
            _copy_bars(aliases["timescale"], adopted, say)
            adopted.n_artefacts = _copy_artefacts(home / "artefacts", say)
            _copy_rest(aliases["default"], adopted, say)
        return adopted

    adopt = async_form(adopt_sync)


def _files(home: Path) -> list[Path]:
    """Both databases of that folder."""
    files = [home / name for name in _FILES.values()]
    for path in files:
        try:
            with path.open("rb"):
                pass
        except FileNotFoundError:
            raise InvalidInput(f"there is no {path}: name the TITAN_HOME of an embedded TITAN") from None
        except OSError as error:
            raise InvalidInput(
                f"{path} can't be read ({error.strerror}): let the account of this command read the whole folder, and "
                "write to it, which SQLite needs even to read"
            ) from error
    return files


@contextmanager
def _opened(home: Path) -> Iterator[dict[str, str]]:
    """Both files of that TITAN as databases of this process, for a while."""
    aliases = {}
    try:
        for alias, name in _FILES.items():
            adopted = f"adopted_{alias}"
            conf = {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(home / name),
                "OPTIONS": {"timeout": 20},
            }
            connections.settings[adopted] = connections.configure_settings({"default": conf})["default"]
            aliases[alias] = adopted
        yield aliases
    finally:
        for adopted in aliases.values():
            connections[adopted].close()
            del connections[adopted]
            del connections.settings[adopted]


def _check(home: Path, aliases: dict[str, str]) -> None:
    for alias, adopted in aliases.items():
        if connections[alias].vendor != "postgresql":
            raise InvalidInput(
                f"the {alias} database here is {connections[alias].vendor}: adopt into PostgreSQL. Is this "
                "production's environment (DJANGO_SETTINGS_MODULE=titan.settings.production, TITAN_DATABASE_URL, "
                "TITAN_TIMESCALE_URL …)?"
            )
        theirs, ours = (
            set(MigrationRecorder(connections[name]).applied_migrations()) for name in (adopted, alias)
        )
        if not ours:
            raise InvalidInput(f"the {alias} database here is not set up: run `titan migrate` first")
        if theirs != ours:
            raise InvalidInput(
                f"{home} is of another release ({len(theirs ^ ours)} migrations differ): bring both to this one, "
                f"with `titan migrate` here and `TITAN_HOME={home} titan migrate` under embedded settings there"
            )
    refuse_at_work(home, aliases["default"])
    if User.objects.exists():
        raise InvalidInput(
            "this TITAN has users already: adopt into new databases, right after `titan migrate`"
        )


def _copy_bars(source: str, adopted: Adopted, say: Say) -> None:
    with transaction.atomic(using="timescale"):
        for model in copied_models(on_timescale=True):
            if model._base_manager.using("timescale").exists():
                say(f"{model._meta.db_table}: there already, compared")
            else:
                copy_rows(model, source, "timescale")
            adopted.rows[model._meta.db_table] = _compare(model, source, "timescale", say)


def _copy_rest(source: str, adopted: Adopted, say: Say) -> None:
    """Users, pairs, runs and all else; what `titan migrate` wrote of its own (permissions, roles) gives way."""
    with transaction.atomic():
        _clear()
        for model in copied_models(on_timescale=False):
            copy_rows(model, source, "default")
            adopted.rows[model._meta.db_table] = _compare(model, source, "default", say)
        reset_sequences("default")
        adopted.locked = _lock_demo_account()
    ContentType.objects.clear_cache()


def _lock_demo_account() -> str | None:
    """Take its password away once the rows are compared: `titan up` prints it, and any word will do there."""
    demo = User.objects.filter(username=settings.ENVIRONMENT.demo_user).first()
    if demo is None:
        return None
    demo.set_unusable_password()
    demo.save(update_fields=["password"])
    return str(demo.username)


def _clear() -> None:
    """Empty the tables that a new TITAN fills by itself; the audit trail can't be, and is empty."""
    connection = connections["default"]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in reversed(copied_models(on_timescale=False)):
            if model._base_manager.using("default").exists():
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - a table of ours


def _compare(model: type[models.Model], source: str, target: str, say: Say) -> int:
    """Hold both tables against each other; how many rows they have."""
    theirs, ours = digest(model, source), digest(model, target)
    if theirs != ours:
        raise StoreError(
            f"{model._meta.db_table}: {theirs.n_rows:,} rows with hash {theirs.sha256[:16]} there, {ours.n_rows:,} "
            f"with {ours.sha256[:16]} here. Nothing of this database was kept: begin with new databases"
        )
    if ours.n_rows:
        say(f"{model._meta.db_table}: {ours.n_rows:,} rows, {ours.sha256[:16]}")
    return ours.n_rows


def _copy_artefacts(folder: Path, say: Say) -> int:
    """Every file under the same key, read back and compared."""
    store = storages["artefacts"]
    n_files = 0
    for path in sorted(folder.rglob("*")):
        key = path.relative_to(folder).as_posix()
        if not path.is_file() or any(part.startswith(".") for part in key.split("/")):
            continue
        expected = _sha256(path)
        if not (store.exists(key) and _stored_sha256(store, key) == expected):
            with path.open("rb") as file:
                store.save(key, File(file))
            if _stored_sha256(store, key) != expected:
                raise StoreError(f"artefact {key} came over changed: check the disk of TITAN_ARTEFACTS")
        n_files += 1
    say(f"{n_files:,} artefacts")
    return n_files


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stored_sha256(store: Any, key: str) -> str:
    found = hashlib.sha256()
    with store.open(key) as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _knows_secret(home: Path) -> bool:
    """Whether what was sealed there can be opened here: second factors, and the secrets of webhooks."""
    path = home / "secret-key"
    known = {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS}
    try:
        return path.read_text(encoding="utf-8").strip() in known
    except FileNotFoundError:
        return True  # its key came by the environment, which is not known here
    except OSError:
        return False
