"""The process environment, typed and checked once at start: every problem found is said, with how to mend it."""

import ipaddress
import json
import os
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from titan_core.errors import TitanError

__all__ = [
    "DatabaseURL",
    "DemoAccount",
    "Environment",
    "InvalidEnvironment",
    "MailServer",
    "Network",
    "demo_account",
    "make_home",
    "stored_secret",
]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SECRET_KEY_MIN_LENGTH = 50  # Django's own deploy check; JWT signing needs 32 bytes
TOKEN_MIN_LENGTH = 24
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}
_WEAK_SECRET_WORDS = ("changeme", "change-me", "insecure", "default", "secret-key", "password", "example")


class InvalidEnvironment(TitanError, ImproperlyConfigured):
    """Environment variables that can't be used; the message names each and says how to mend it."""

    code = "invalid_environment"

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("the environment can't be used:\n" + "\n".join(f"  - {text}" for text in problems))


@dataclass(frozen=True, slots=True)
class DatabaseURL:
    """Where a database is: ``postgresql://user:password@host:5432/name`` or ``sqlite:///absolute/path``."""

    scheme: str
    name: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a file on this machine."""
        return self.scheme == "sqlite"

    @classmethod
    def parse(cls, text: str) -> "DatabaseURL":
        """Read a URL; ``ValueError`` says what is wrong with it and never repeats the password."""
        parts = urlsplit(text)
        scheme = "postgresql" if parts.scheme in {"postgres", "postgresql"} else parts.scheme
        if scheme not in {"postgresql", "sqlite"}:
            raise ValueError(
                "must start with postgresql:// or sqlite:///, for example "
                "postgresql://titan:password@localhost:5432/titan"
            )
        name = unquote(parts.path) if scheme == "sqlite" else unquote(parts.path.lstrip("/"))
        if name in {"", "/"}:
            raise ValueError("names no database: end it with /name (or sqlite:///absolute/path)")
        try:
            port = parts.port
        except ValueError:
            raise ValueError("has a port that is not a number between 1 and 65535") from None
        return cls(
            scheme=scheme,
            name=name,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=parts.hostname or "",
            port=port,
            options=dict(parse_qsl(parts.query)),
        )


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters leave: ``smtp://user:password@host:587?from=a@b.org``; ``smtps://`` is TLS from the start.

    Plain ``smtp`` turns to TLS with STARTTLS unless ``tls=off`` (a relay on the same machine) is asked for.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "starttls"  # or "ssl", "off"

    @classmethod
    def parse(cls, text: str) -> "MailServer":
        """Read a URL; ``ValueError`` says what is wrong with it and never repeats the password."""
        parts = urlsplit(text)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError(
                "must look like smtp://user:password@mail.example.org:587?from=titan@example.org"
            )
        options = dict(parse_qsl(parts.query))
        tls = "ssl" if parts.scheme == "smtps" else options.get("tls", "starttls")
        if tls not in {"starttls", "ssl", "off"} or "@" not in options.get("from", ""):
            raise ValueError(
                "must name a sender, ?from=titan@example.org, and tls=starttls or tls=off if any"
            )
        try:
            port = parts.port
        except ValueError:
            raise ValueError("has a port that is not a number between 1 and 65535") from None
        return cls(
            host=parts.hostname,
            port=port or (465 if tls == "ssl" else 587),
            sender=options["from"],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
        )


@dataclass(frozen=True, slots=True)
class Environment:
    """Every variable TITAN reads, by its meaning; secrets stay out of ``repr``."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    debug: bool = False
    log_level: str = "INFO"
    allowed_hosts: tuple[str, ...] = ()
    secret_key: str | None = field(default=None, repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    database: DatabaseURL | None = None
    timescale: DatabaseURL | None = None
    redis_url: str | None = field(default=None, repr=False)
    demo_user: str = "demo"
    demo_password: str | None = field(default=None, repr=False)
    upload_limit: int = 2 * 2**30  # bytes
    email: "MailServer | None" = None
    n_proxies: int = 0
    worker_memory_mb: int = 2048
    webhook_allow: tuple[str, ...] = ()
    postgres_programs: Path | None = None  # the folder of pg_dump and pg_restore, where not on the PATH
    timescaledb: str = "auto"  # or "require", "off"
    database_pool: int = 8  # connections of a process to each database; 0 opens one a thread
    price_connections: int = 4
    compress_after_days: int = 0  # 0 = never, as for what follows
    retain_revisions_days: int = 0
    retain_bars_days: int = 0
    metrics_dir: Path | None = None
    metrics_allow: tuple[Network, ...] = ()
    metrics_token: str | None = field(default=None, repr=False)
    sentry_dsn: str | None = field(default=None, repr=False)
    worker_threads: int = 0  # of one job; 0 = the machine's cores shared by its workers
    artefacts: str | None = None  # a folder that machines share, or s3://bucket/prefix

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> "Environment":
        """Read and check the variables; all problems are raised together as `InvalidEnvironment`."""
        reader = _Reader(os.environ if environ is None else environ)
        environment = cls(
            home=reader.folder("TITAN_HOME", "var"),
            host=reader.text("TITAN_HOST", "127.0.0.1"),
            port=reader.port("TITAN_PORT", 8000),
            debug=reader.boolean("TITAN_DEBUG"),
            log_level=reader.choice("TITAN_LOG_LEVEL", LOG_LEVELS, "INFO"),
            allowed_hosts=reader.names("TITAN_ALLOWED_HOSTS"),
            secret_key=reader.optional("TITAN_SECRET_KEY"),
            secret_key_fallbacks=reader.names("TITAN_SECRET_KEY_FALLBACKS"),
            database=reader.database("TITAN_DATABASE_URL"),
            timescale=reader.database("TITAN_TIMESCALE_URL"),
            redis_url=reader.redis("TITAN_REDIS_URL"),
            demo_user=reader.text("TITAN_DEMO_USER", "demo"),
            demo_password=reader.optional("TITAN_DEMO_PASSWORD"),
            upload_limit=reader.size("TITAN_UPLOAD_LIMIT", 2 * 2**30),
            email=reader.mail("TITAN_EMAIL_URL"),
            n_proxies=reader.count("TITAN_NUM_PROXIES", 0, most=10),
            worker_memory_mb=reader.count("TITAN_WORKER_MEMORY_MB", 2048, most=1_000_000),
            webhook_allow=tuple(name.lower() for name in reader.names("TITAN_WEBHOOK_ALLOW")),
            postgres_programs=Path(folder) if (folder := reader.optional("TITAN_POSTGRES_BIN")) else None,
            timescaledb=reader.choice("TITAN_TIMESCALEDB", ("AUTO", "REQUIRE", "OFF"), "AUTO").lower(),
            database_pool=reader.count("TITAN_DATABASE_POOL", 8, most=1_000),
            price_connections=reader.count("TITAN_PRICE_CONNECTIONS", 4, least=2, most=1_000),
            compress_after_days=reader.count("TITAN_COMPRESS_AFTER_DAYS", 0, most=100_000),
            retain_revisions_days=reader.count("TITAN_RETAIN_REVISIONS_DAYS", 0, most=100_000),
            retain_bars_days=reader.count("TITAN_RETAIN_BARS_DAYS", 0, most=100_000),
            metrics_dir=reader.optional_folder("TITAN_METRICS_DIR"),
            metrics_allow=reader.networks("TITAN_METRICS_ALLOW"),
            metrics_token=reader.token("TITAN_METRICS_TOKEN"),
            sentry_dsn=reader.sentry("TITAN_SENTRY_DSN"),
            worker_threads=reader.count("TITAN_WORKER_THREADS", 0, most=1024),
            artefacts=reader.artefacts("TITAN_ARTEFACTS"),
        )
        if environment.secret_key is not None and len(environment.secret_key.encode()) < 32:
            reader.problems.append(
                "TITAN_SECRET_KEY is shorter than 32 bytes: sign tokens with a longer one, made by "
                '`python -c "import secrets; print(secrets.token_urlsafe(64))"`'
            )
        if reader.problems:
            raise InvalidEnvironment(reader.problems)
        return environment

    def check_production(self) -> None:
        """Refuse what must never serve strangers; raises `InvalidEnvironment` naming every such variable."""
        problems = [*self._secret_problems(), *self._storage_problems(), *self._host_problems()]
        if self.debug:
            problems.append("TITAN_DEBUG is on: error pages would show settings to visitors; unset it")
        if problems:
            raise InvalidEnvironment(problems)

    def _secret_problems(self) -> list[str]:
        how = 'make one with `python -c "import secrets; print(secrets.token_urlsafe(64))"`'
        secret = self.secret_key
        if secret is None:
            return [f"TITAN_SECRET_KEY is missing: production never invents its secret; {how}"]
        if len(secret) < SECRET_KEY_MIN_LENGTH:
            return [f"TITAN_SECRET_KEY has fewer than {SECRET_KEY_MIN_LENGTH} characters; {how}"]
        if len(set(secret)) < 10 or any(word in secret.lower() for word in _WEAK_SECRET_WORDS):
            return [f"TITAN_SECRET_KEY looks like a default or placeholder; {how}"]
        return []

    def _storage_problems(self) -> list[str]:
        problems = []
        for variable, url in (("TITAN_DATABASE_URL", self.database), ("TITAN_TIMESCALE_URL", self.timescale)):
            if url is None:
                problems.append(f"{variable} is missing: set it to postgresql://user:password@host:5432/name")
            elif url.is_sqlite:
                problems.append(f"{variable} is SQLite, which serves one machine only: use postgresql://…")
        if self.redis_url is None:
            problems.append("TITAN_REDIS_URL is missing: set it to redis://:password@host:6379/0")
        elif _is_open_elsewhere(self.redis_url):
            problems.append(
                "TITAN_REDIS_URL names another machine's Redis without a password, so anyone who reaches it can order "
                "jobs and read events: set requirepass there and use redis://:password@host:6379/0"
            )
        return problems

    def _host_problems(self) -> list[str]:
        if not self.allowed_hosts:
            return ["TITAN_ALLOWED_HOSTS is missing: list the names this server answers to, comma-separated"]
        return [
            f"TITAN_ALLOWED_HOSTS contains {name!r}, which matches any host: name the hosts one by one"
            for name in self.allowed_hosts
            if name in {"*", "."}
        ]


class _Reader:
    """Reads single variables and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def optional(self, name: str) -> str | None:
        """The variable, or the text of the file that NAME_FILE names: secrets need not stand in an environment."""
        value = self._environ.get(name, "").strip() or None
        file = self._environ.get(f"{name}_FILE", "").strip()
        if not file:
            return value
        if value is not None:
            self.problems.append(f"{name} and {name}_FILE are both set: unset one of them")
            return value
        try:
            return Path(file).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}_FILE names {file}, which can't be read ({_reason(error)})")
            return None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def folder(self, name: str, default: str) -> Path:
        path = Path(self.text(name, default)).expanduser().resolve()
        if path.exists() and not path.is_dir():
            self.problems.append(f"{name} is {path}, which is a file: name a folder (it is made when absent)")
        return path

    def optional_folder(self, name: str) -> Path | None:
        return self.folder(name, "") if self.optional(name) is not None else None

    def boolean(self, name: str) -> bool:
        value = (self.optional(name) or "").lower()
        if value not in _TRUE | _FALSE:
            self.problems.append(f"{name} is {value!r}, not a yes or no: use 1 or 0")
        return value in _TRUE

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default).upper()
        if value not in choices:
            self.problems.append(f"{name} is {value!r}: use one of {', '.join(choices)}")
        return value

    def port(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and 0 < int(value) < 65536:
            return int(value)
        self.problems.append(f"{name} is {value!r}, not a port: use a number between 1 and 65535")
        return default

    def size(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and int(value) > 0:
            return int(value)
        self.problems.append(f"{name} is {value!r}, not a size: use a number of bytes, such as 2147483648")
        return default

    def count(self, name: str, default: int, *, most: int, least: int = 0) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and least <= int(value) <= most:
            return int(value)
        self.problems.append(f"{name} is {value!r}: use a whole number from {least} to {most}")
        return default

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name, "").split(",") if part.strip())

    def networks(self, name: str) -> tuple[Network, ...]:
        found = []
        for text in self.names(name):
            try:
                found.append(ipaddress.ip_network(text))
            except ValueError:
                self.problems.append(
                    f"{name} contains {text!r}: write networks such as 10.0.0.0/8 or single addresses"
                )
        return tuple(found)

    def token(self, name: str) -> str | None:
        value = self.optional(name)
        if value is not None and (len(value) < TOKEN_MIN_LENGTH or not value.isascii() or " " in value):
            self.problems.append(
                f"{name} is shorter than {TOKEN_MIN_LENGTH} characters, or holds blanks or signs beyond ASCII: "
                'make one with `python -c "import secrets; print(secrets.token_urlsafe(32))"`'
            )
        return value

    def sentry(self, name: str) -> str | None:
        value = self.optional(name)
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.username or not parts.path.strip("/"):
            self.problems.append(
                f"{name} is no address of a Sentry project: it looks like https://key@sentry.example.org/5"
            )
        elif find_spec("sentry_sdk") is None:
            self.problems.append(f"{name} is set: pip install 'titan-trading[sentry]', or unset it")
        return value

    def database(self, name: str) -> DatabaseURL | None:
        value = self.optional(name)
        if value is None:
            return None
        try:
            return DatabaseURL.parse(value)
        except ValueError as error:
            self.problems.append(f"{name} {error}")
            return None

    def artefacts(self, name: str) -> str | None:
        value = self.optional(name)
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme == "s3":
            if not parts.netloc:
                self.problems.append(f"{name} names no bucket: write s3://bucket/prefix")
            elif find_spec("storages") is None:
                self.problems.append(f"{name} is a bucket: pip install django-storages[s3], or name a folder")
        elif not Path(value).is_absolute():
            self.problems.append(
                f"{name} is {value!r}: name a folder from the root on, or s3://bucket/prefix"
            )
        return value

    def mail(self, name: str) -> MailServer | None:
        value = self.optional(name)
        try:
            return MailServer.parse(value) if value is not None else None
        except ValueError as error:
            self.problems.append(f"{name} {error}")
            return None

    def redis(self, name: str) -> str | None:
        value = self.optional(name)
        if value is not None and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
            self.problems.append(
                f"{name} must start with redis:// or rediss://, for example redis://localhost:6379/0"
            )
        return value


def _is_open_elsewhere(url: str) -> bool:
    """Whether a Redis is reached over a network and asks for nothing; one on this machine answers to it alone."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if parts.scheme == "unix" or parts.password or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True  # a name


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return str(error.strerror) if isinstance(error, OSError) else "it is no text"


def make_home(home: Path) -> None:
    """Make TITAN_HOME if it is not there: databases and secrets are for their owner alone.

    Raises
    ------
    InvalidEnvironment
        No such folder can be made or written to.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(home, os.W_OK | os.X_OK)
    except OSError as error:
        raise InvalidEnvironment(
            [f"TITAN_HOME: the folder {home} can't be made ({error.strerror})"]
        ) from error
    if not writable:
        raise InvalidEnvironment([f"TITAN_HOME: {home} can't be written to; choose a folder of your own"])


def stored_secret(path: Path) -> str:
    """The secret kept in `path`, made (mode 0600) the first time; two processes starting at once agree on one."""
    return _stored(path, lambda: secrets.token_urlsafe(64))


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """The account printed by `titan up`."""

    username: str
    password: str = field(repr=False)


def demo_account(environment: Environment) -> DemoAccount:
    """The demo account: from the environment, else a password made once and kept 0600 in TITAN_HOME."""
    if environment.demo_password is not None:
        return DemoAccount(environment.demo_user, environment.demo_password)
    made = json.dumps({"username": environment.demo_user, "password": _typeable_password()})
    kept = json.loads(_stored(environment.home / "demo-account.json", lambda: made))
    return DemoAccount(environment.demo_user, str(kept["password"]))


def _typeable_password() -> str:
    """Sixteen letters and digits, about 93 bits: no sign that a terminal, a shell or an eye trips over."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))


def _stored(path: Path, make: Callable[[], str]) -> str:
    """The text in `path`; when absent, written beside it and linked in, so a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its text is the one
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
