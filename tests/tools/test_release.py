"""deploy/release with a kubectl that plays a cluster: what fails is noticed at once, said, and taken back."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "images.example.org/titan:2"
SERVES = ["Running"]

# Answers are taken from the scenario by the question, one after the other; the last one goes on being given.
KUBECTL = r"""
import json, os, pathlib, sys
here = pathlib.Path(os.environ["CLUSTER"])
words = [word for word in sys.argv[1:] if word not in ("--namespace", "titan")]
line = " ".join(words)
with (here / "asked").open("a") as asked:
    asked.write(line + "\n")
scenario = json.loads((here / "scenario").read_text())

def answer(question):
    given = scenario[question]
    counter = here / question.replace("/", "_").replace(" ", "_")
    n = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(n + 1))
    return given[min(n, len(given) - 1)]

match words:
    case ["kustomize", *_]:
        print("image: titan:0.1.0")
    case ["get", ("configmap/titan" | "cronjob/titan-backup") as thing, *_]:
        if scenario["is_there"]:
            print(f"kind: {thing}\nmetadata:\n  name: titan\n  resourceVersion: '5'\n  uid: abc\ndata:\n  A: before")
    case ["get", "deployment", "titan-web"]:
        sys.exit(0 if scenario["is_there"] else 1)
    case ["get", "job", name, *_]:
        print(answer(f"job {name}"))
    case ["get", "deployment", *_]:
        print("7", end="")
    case ["get", "replicaset", "--selector", selector, *_]:
        component = selector.partition("=")[2]
        print(f"6 {component}-old\n7 {component}-new")
    case ["get", "pods", "--selector", selector, *_]:
        name = selector.partition("=")[2]
        assert name.endswith("-new"), selector
        print(answer(f"pods {name.removesuffix('-new')}"))
    case ["rollout", "status", name, *_]:
        said = answer(f"status {name.removeprefix('deployment/titan-')}")
        if said:
            print(said, file=sys.stderr)
            sys.exit(1)
    case ["replace", "--filename", file]:
        (here / f"replaced-{pathlib.Path(file).name}").write_text(pathlib.Path(file).read_text())
    case ["logs", *_]:
        print("the last words of it")
    case ["apply", *_]:
        sys.exit(scenario["apply"])
"""
COMPONENTS = ("web", "worker-ingest", "worker-compute", "worker-trade", "beat")
WAITS = "error: timed out waiting for the condition"


@dataclass
class Cluster:
    """A folder with the scripts and what the cluster answers."""

    folder: Path

    def release(self, **answers: Any) -> subprocess.CompletedProcess[str]:
        """Run it; `answers` change what goes well otherwise."""
        scenario: dict[str, Any] = {
            "is_there": True,
            "apply": 0,
            "job titan-backup-before-release": ["", "Complete"],
            "job titan-migrate": ["", "SuccessCriteriaMet", "SuccessCriteriaMet Complete"],
            **{f"pods {name}": [f"titan-{name}-1 init: 0:"] for name in COMPONENTS},
            **{f"status {name}": [WAITS, ""] for name in COMPONENTS},
        }
        (self.folder / "scenario").write_text(json.dumps(scenario | answers))
        return subprocess.run(
            [self.folder / "release", IMAGE, "https://titan.example.org"],
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "CLUSTER": str(self.folder),
                "OVERLAY": "overlay",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def asked(self) -> list[str]:
        """What kubectl was told, in order."""
        return (self.folder / "asked").read_text().splitlines()

    def was_taken_back(self) -> bool:
        """Settings first, then every process."""
        back = [line for line in self.asked if line.startswith(("replace", "rollout undo"))]
        for name in ("titan.yaml", "titan-backup.yaml"):
            kept = (self.folder / f"replaced-{name}").read_text()
            assert "A: before" in kept
            assert "resourceVersion" not in kept
            assert "uid" not in kept
        return [line.split()[0] for line in back] == ["replace"] * 2 + ["rollout"] * len(COMPONENTS)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    shutil.copy(ROOT / "deploy" / "release", tmp_path / "release")
    (tmp_path / "bin").mkdir()
    scripts = {
        "bin/kubectl": f"#!{sys.executable}\n{KUBECTL}",
        "bin/sleep": "#!/bin/sh\n",  # nobody waits here
        "smoke": '#!/bin/sh\n[ ! -e "$CLUSTER/smokes" ]\n',
    }
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return Cluster(tmp_path)


def test_what_goes_well_is_left_as_it_is(cluster: Cluster) -> None:
    done = cluster.release()
    assert done.returncode == 0, done.stderr
    assert f"{IMAGE} serves https://titan.example.org" in done.stdout
    assert not [line for line in cluster.asked if line.startswith(("replace", "rollout undo"))]
    order = [line.split()[0] for line in cluster.asked]
    assert order.index("create") < order.index("apply") < order.index("rollout")


def test_a_first_release_needs_no_backup(cluster: Cluster) -> None:
    done = cluster.release(is_there=False)
    assert done.returncode == 0, done.stderr
    assert not any("backup-before-release" in line for line in cluster.asked)


def test_without_a_backup_nothing_is_changed(cluster: Cluster) -> None:
    done = cluster.release(**{"job titan-backup-before-release": ["", "Failed"]})
    assert done.returncode == 1
    assert "the job titan-backup-before-release has failed" in done.stderr
    assert "the last words of it" in done.stderr
    assert "nothing was changed" in done.stderr
    assert not [line for line in cluster.asked if line.startswith(("apply", "replace", "rollout"))]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"job titan-migrate": ["", "FailureTarget Failed"]}, "the job titan-migrate has failed"),
        (
            {
                "status worker-compute": [WAITS],
                "pods worker-compute": [f"titan-worker-compute-1 init: {n}" for n in ("1:", "3:CrashLoopBackOff")],
            },
            "a pod of titan-worker-compute does not start (CrashLoopBackOff): titan-worker-compute-1",
        ),
        (
            {"status web": [WAITS], "pods web": ["titan-web-1 init:ImagePullBackOff 0:PodInitializing"]},
            "a pod of titan-web does not start (ImagePullBackOff): titan-web-1",
        ),
        (
            {"status beat": ['error: deployment "titan-beat" exceeded its progress deadline']},
            "the deployment titan-beat makes no progress",
        ),
        ({"job titan-migrate": [""]}, "the job titan-migrate has not ended in 3600 s"),
        ({"apply": 1}, "the manifests could not be applied"),
    ],
    ids=["migration", "crashes", "image", "deadline", "hangs", "apply"],
)  # fmt: skip
def test_what_fails_is_noticed_said_and_taken_back(
    cluster: Cluster, answers: dict[str, Any], words: str
) -> None:
    done = cluster.release(**answers)
    assert done.returncode == 1
    assert words in done.stderr
    assert "serves" not in done.stdout
    assert cluster.was_taken_back()


def test_waiting_for_the_migration_is_no_crash(cluster: Cluster) -> None:
    """Init containers fail until the Job is done, and then stand back for a while; so may what starts twice."""
    looks = [
        "titan-web-1 init:CrashLoopBackOff 0:PodInitializing",
        "titan-web-1 init: 1:CrashLoopBackOff",
        "titan-web-1 init: 1:",
    ]
    done = cluster.release(**{"status web": [WAITS, WAITS, WAITS, ""], "pods web": looks})
    assert done.returncode == 0, done.stderr


def test_a_site_that_does_not_answer_is_taken_back(cluster: Cluster) -> None:
    (cluster.folder / "smokes").touch()
    done = cluster.release()
    assert done.returncode == 1
    assert "does not answer as it should" in done.stderr
    assert cluster.was_taken_back()
