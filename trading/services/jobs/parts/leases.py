"""Who may work on a part, by single compare-and-set updates; a result is kept only under the attempt that made it."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, F, Q, When

from titan_core.errors import DataUnavailable, StoreError
from trading.models.job_parts import JobPart, PartState
from trading.models.jobs import Job
from trading.services import artefacts
from trading.services.jobs import leases

__all__ = [
    "MAX_RESULT_BYTES",
    "PartLease",
    "claim",
    "claim_next",
    "finish",
    "give_back",
    "look",
    "renew",
    "result_of",
]

MAX_RESULT_BYTES = 256 * 2**20
_MAX_DEATHS = 2  # workers a part may lose before the job's holder must do it, whose deaths are the job's
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class PartLease:
    """The right to work on a part until `attempt` is no longer its latest."""

    part_id: int
    attempt: int
    seconds: float

    @property
    def mine(self) -> Q:
        """The part's row, as long as it is ours to change."""
        return Q(pk=self.part_id, attempt=self.attempt, state=PartState.WORKING)


def claim_next(*, worker: str, seconds: float, job: Job | None = None, task: str = "") -> PartLease | None:
    """Take the first part that is free: of `job`, by its holder, those of `task` first; else of any job, to help it."""
    free = JobPart.objects.of_living_jobs().claimable(leases.now())
    if job is not None:
        free = free.filter(job=job).order_by(Case(When(task=task, then=0), default=1), "pk")
    else:
        free = free.filter(is_holders=False)
    for part_id in list(free.values_list("pk", flat=True)[:_AT_ONCE]):
        lease = claim(part_id, worker=worker, seconds=seconds, is_holder=job is not None)
        if lease is not None:
            return lease
    return None


def claim(part_id: int, *, worker: str, seconds: float, is_holder: bool = False) -> PartLease | None:
    """Take a free part; None where there is nothing to do or another was faster."""
    moment = leases.now()
    seen = JobPart.objects.of_living_jobs().claimable(moment).filter(pk=part_id).first()
    if seen is None or (seen.is_holders and not is_holder):
        return None
    deaths = seen.deaths + (seen.state == PartState.WORKING)
    unchanged = JobPart.objects.claimable(moment).filter(pk=part_id, attempt=seen.attempt, state=seen.state)
    if deaths >= _MAX_DEATHS and not is_holder:
        unchanged.update(state=PartState.WAITING, is_holders=True, deaths=deaths, worker="", lease_until=None)
        return None
    taken = unchanged.update(
        state=PartState.WORKING,
        attempt=seen.attempt + 1,
        deaths=deaths,
        worker=worker,
        progress=0.0,
        lease_until=moment + timedelta(seconds=seconds),
    )
    return PartLease(part_id, seen.attempt + 1, seconds) if taken else None


def renew(lease: PartLease, progress: float) -> bool:
    """Extend the lease and note how far it is; False where it is lost."""
    until = leases.now() + timedelta(seconds=lease.seconds)
    return bool(JobPart.objects.filter(lease.mine).update(lease_until=until, progress=progress))


def look(lease: PartLease) -> bool:
    """Whether the part is still held and its job still wanted, by one read."""
    return JobPart.objects.of_living_jobs().filter(lease.mine).exists()


def finish(lease: PartLease, content: bytes) -> bool:
    """Keep the result; False where the lease is lost, and then nothing is left of it."""
    part = JobPart.objects.filter(lease.mine).first()
    if part is None:
        return False
    if len(content) > MAX_RESULT_BYTES:
        raise ValueError(f"{part} made {len(content):,} bytes: cut it smaller than {MAX_RESULT_BYTES:,}")
    artefacts.put_named("parts", part.result_name, content)
    done = JobPart.objects.filter(lease.mine).update(
        state=PartState.DONE,
        progress=1.0,
        lease_until=None,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    if not done:
        artefacts.delete("parts", part.result_name)
    return bool(done)


def give_back(lease: PartLease, *, death: bool = False, to_holder: bool = False) -> None:
    """Let another worker have the part, or the job's holder alone; a `death` counts against it."""
    JobPart.objects.filter(lease.mine).update(
        state=PartState.WAITING,
        worker="",
        lease_until=None,
        progress=0.0,
        deaths=F("deaths") + int(death),
        **({"is_holders": True} if to_holder else {}),
    )


def result_of(part: JobPart) -> bytes | None:
    """The verified result of a part that is done; None, and the part to be done again, where its file is not whole."""
    try:
        content = artefacts.read("parts", part.result_name)
    except (DataUnavailable, StoreError):
        content = b""
    if hashlib.sha256(content).hexdigest() == part.sha256:
        return content
    JobPart.objects.filter(pk=part.pk, attempt=part.attempt, state=PartState.DONE).update(
        state=PartState.WAITING, worker="", progress=0.0, sha256=""
    )
    return None
