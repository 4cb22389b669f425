"""deploy/: compose, Kubernetes and systemd start the same commands, name the same secrets, and files that are there."""

import inspect
import ipaddress
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.addresses import is_public
from common.env import Environment
from common.security import CLOSED_POLICY, HEADERS
from tests.production.layout import commands, compose
from tools import check_deploy

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
README = (DEPLOY / "README.md").read_text()
QUEUES = ("compute", "ingest", "trade")


def test_every_file_is_what_its_tool_takes() -> None:
    done = subprocess.run(
        [sys.executable, "tools/check_deploy.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_check_sees_a_file_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tool is given a file with one mistake of its kind."""
    wrong = {
        "hadolint": ("deploy/Dockerfile", ("USER 10001:10001", "USER 10001:10001\nRUN cd /tmp && sudo ls")),
        "compose": ("deploy/compose.yaml", ("restart: unless-stopped", "restarts: unless-stopped")),
        "pipeline": (".github/workflows/deploy.yml", ("runs-on:", "runs-in:")),
        "shellcheck": (
            "deploy/smoke",
            ('[ "$(status "$url/livez")" = 200 ]', "[ $(status $url/livez) == 200 ]"),
        ),
        "kubernetes": ("deploy/kubernetes/base/web.yaml", ("readinessProbe:", "readynessProbe:")),
    }
    subprocess.run(["cp", "-r", DEPLOY, ROOT / ".github", tmp_path], check=True)
    monkeypatch.setattr(check_deploy, "ROOT", tmp_path)
    monkeypatch.setattr(check_deploy, "DEPLOY", tmp_path / "deploy")
    for name, (file, (right, mistake)) in wrong.items():
        text = (tmp_path / file).read_text()
        assert right in text, name
        (tmp_path / file).write_text(text.replace(right, mistake))
        command = dict(check_deploy.commands())[name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode != 0, name
        (tmp_path / file).write_text(text)


def titan_commands_of_compose() -> set[str]:
    """Every command, as an operator would type it, with its number of processes left out."""
    return {shlex.join(_plain(command)) for command in commands({}).values()}


def test_compose_starts_everything_there_is() -> None:
    assert titan_commands_of_compose() == {
        "titan migrate",
        "titan collectstatic --noinput",
        "titan web",
        "titan beat",
        *(f"titan worker --queues {queue}" for queue in QUEUES),
    }


def test_systemd_starts_what_compose_starts() -> None:
    [wanted] = re.findall(r"^Wants=(.*)$", (DEPLOY / "systemd" / "titan.target").read_text(), re.M)
    started = set()
    for unit in wanted.split():
        name, _, instance = unit.removesuffix(".service").partition("@")
        file = DEPLOY / "systemd" / (f"{name}@.service" if instance else unit)
        for line in re.findall(r"^ExecStart=(.*)$", file.read_text(), re.M):
            program, *arguments = shlex.split(line.replace("%i", instance))
            assert program == "/opt/titan/bin/titan"
            started.add(shlex.join(_plain(["titan", *arguments])))
    assert started == titan_commands_of_compose()
    ports = re.findall(r"titan-web@(\d+)", wanted)
    upstream = (DEPLOY / "nginx" / "upstream.conf").read_text()
    assert ports == re.findall(r"127\.0\.0\.1:(\d+)", upstream)


def test_kubernetes_starts_what_compose_starts() -> None:
    started = {
        shlex.join(_plain(["titan", *container["args"]]))
        for _, pod in _pods()
        for container in pod["containers"] + pod.get("initContainers", [])
        if container["image"] == "titan"
    }
    # each pod asks first whether the Job has migrated; the backup is systemd's timer and compose's by hand
    assert started - {"titan migrate --check", "titan backup /backups"} == titan_commands_of_compose()


def test_nginx_of_compose_hands_on_to_its_web_services() -> None:
    webs = [name for name, command in commands({}).items() if command[1] == "web"]
    upstream = (DEPLOY / "nginx" / "upstream-compose.conf").read_text()
    assert re.findall(r"server ([\w-]+):8000", upstream) == webs
    for mount in compose()["services"]["nginx"]["volumes"]:
        if mount.startswith("./"):
            assert (DEPLOY / mount.split(":")[0]).is_file(), mount


def test_secrets_are_files_everywhere_and_variables_are_ones_that_are_read() -> None:
    """Nothing secret stands in a manifest; each file that is named is one that make-secrets writes."""
    written = set(re.findall(r"^(?:keep|optional) (\S+)", (DEPLOY / "make-secrets").read_text(), re.M))
    assert {Path(secret["file"]).name for secret in compose()["secrets"].values()} <= written
    credentials = {
        name
        for unit in (DEPLOY / "systemd").glob("*.service")
        for name in re.findall(r"^LoadCredential=(\w+):/etc/titan/secrets/", unit.read_text(), re.M)
    }
    assert credentials <= written
    known = set(re.findall(r'"(TITAN_[A-Z_]+)"', inspect.getsource(Environment)))
    for name, value in _variables():
        plain = name.removesuffix("_FILE")
        assert plain in known, f"{name} is read by nobody"
        if plain.endswith(("_KEY", "_URL")):
            assert name.endswith("_FILE"), name
            assert Path(value.replace("%d", "/run/credentials")).name in written, value


def test_pods_are_given_the_secrets_they_read_and_none_of_the_superuser() -> None:
    """Who breaks into a web server must not find the database's superuser there; restores alone need it."""
    [settings] = [
        d["data"] for d in _documents() if (d["kind"], d["metadata"]["name"]) == ("ConfigMap", "titan")
    ]
    read = {Path(value).name for name, value in settings.items() if name.endswith("_FILE")}
    for name, pod in _pods():
        [volume] = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
        mounted = {item["key"] for item in volume.get("items", [])}
        if all(container["image"] == "titan" for container in pod["containers"]) and name != "titan-backup":
            assert mounted == read, name


def test_a_bucket_is_reached_by_every_pod_that_reads_files_of_runs() -> None:
    folder = DEPLOY / "kubernetes" / "components" / "s3"
    component = yaml.safe_load((folder / "kustomization.yaml").read_text())
    keys = [patch["target"]["kind"] for patch in component["patches"] if "titan-s3" in patch["patch"]]
    assert {kind for words in keys for kind in words.strip("()").split("|")} == {
        "Deployment",
        "Job",
        "CronJob",
    }
    policies = [yaml.safe_load((folder / file).read_text()) for file in component["resources"]]
    [way] = [policy["spec"] for policy in policies if policy["kind"] == "NetworkPolicy"]
    assert way["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "titan"}
    assert way["egress"][0]["ports"] == [{"protocol": "TCP", "port": 443}]


def test_errors_find_a_way_to_sentry_where_that_is_asked_for_and_nowhere_else() -> None:
    """By the override every process of compose has a way out, by the component every process of Kubernetes."""
    networks, services = compose()["networks"], compose()["services"]
    closed = {name for name, options in networks.items() if (options or {}).get("internal")}
    shut_in = {
        name
        for name, service in services.items()
        if "TITAN_IMAGE" in service["image"]
        and service.get("restart") != "no"
        and {*service["networks"]} <= closed
    }
    assert shut_in == {"worker-compute", "beat"}, "what has no way out unless that is asked for"
    override = yaml.safe_load((DEPLOY / "compose.sentry.yaml").read_text())
    assert {*override["services"]} == shut_in
    for service in override["services"].values():
        assert "inside" in service["networks"]
        assert {*service["networks"]} & {*override["networks"]}
    assert not any((options or {}).get("internal") for options in override["networks"].values())

    folder = DEPLOY / "kubernetes" / "components" / "sentry"
    component = yaml.safe_load((folder / "kustomization.yaml").read_text())
    opened = {
        value
        for file in component["resources"]
        for value in _selected(yaml.safe_load((folder / file).read_text()))
    }
    base = {value for policy in _policies("base") for value in _selected(policy)}
    long_running = {name.removeprefix("titan-") for kind, name in _kinds() if kind == "Deployment"}
    assert opened | base >= {name for name in long_running if name not in {"timescaledb", "redis"}}
    assert not opened & base


def test_ways_out_lead_to_the_open_internet_alone() -> None:
    """A policy's list is the one that TITAN itself judges addresses by, at the edges of every range."""
    ways = [
        [entry["ipBlock"] for entry in rule["to"]]
        for folder in ("base", "components/s3", "components/sentry")
        for policy in _policies(folder)
        for rule in policy["spec"].get("egress", [])
        if any("ipBlock" in entry for entry in rule["to"])
    ]
    assert len(ways) == 3
    known = [
        *(
            "10.0.0.1",
            "100.64.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "224.0.0.1",
            "240.0.0.1",
        ),
        *(
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fe80::1",
            "fec0::1",
        ),
        *("ff02::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "5f00::1", "4000::1"),
        *("8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"),
    ]
    for blocks in ways:
        edges = [
            str(address)
            for block in blocks
            for text in [block["cidr"], *block["except"]]
            for network in [ipaddress.ip_network(text)]
            for address in _edges(network)
        ]
        for text in [*known, *edges]:
            assert _lets(blocks, text) == is_public(text), text


def test_nginx_listens_on_both_families_and_logs_no_request_lines() -> None:
    site = (DEPLOY / "nginx" / "titan.conf").read_text()
    servers = site.split("\nserver {")[1:]
    assert len(servers) == 2
    for server in servers:
        [port] = re.findall(r"^    listen (\d+ .*)$", server, re.M)
        assert f"    listen [::]:{port}\n" in server
        assert re.findall(r"^ *error_log (.*)$", server, re.M) == ["/var/log/nginx/error.log emerg;"]


def test_units_can_be_set_up_anew_without_being_stopped() -> None:
    """systemd restarts what `Requires=` a unit with it: an upgrade would stop every server at once."""
    for name in ("titan-web@.service", "titan-worker@.service", "titan-beat.service"):
        unit = (DEPLOY / "systemd" / name).read_text()
        assert "Requires=" not in unit, name
        assert re.search(r"^Wants=titan-migrate\.service$", unit, re.M), name
        # as pods do: what finds its database not migrated ends, and is started again
        assert re.search(r"^ExecStartPre=/opt/titan/bin/titan migrate --check$", unit, re.M), name
        assert re.search(r"^StartLimitIntervalSec=0$", unit, re.M), name


def test_containers_are_locked_down() -> None:
    for name, service in compose()["services"].items():
        if "TITAN_IMAGE" in service["image"]:
            assert service["read_only"], name
            assert service["cap_drop"] == ["ALL"], name
            assert service["user"] == "10001:10001", name
    assert all("ports" not in service for name, service in compose()["services"].items() if name != "nginx")
    for name, pod in _pods():
        assert pod["securityContext"]["runAsNonRoot"], name
        for container in pod["containers"] + pod.get("initContainers", []):
            context = container["securityContext"]
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert not context["allowPrivilegeEscalation"], name
            assert context.get("readOnlyRootFilesystem") or container["name"] == "timescaledb", name
            assert "memory" in container["resources"]["limits"], name


def test_every_file_of_a_kustomization_is_there_and_its_patches_meet_something() -> None:
    for file in DEPLOY.rglob("kustomization.yaml"):
        loaded = yaml.safe_load(file.read_text())
        for entry in loaded.get("resources", []) + loaded.get("components", []):
            assert (file.parent / entry).exists(), f"{file}: {entry}"
        for patch in loaded.get("patches", []):
            if "path" in patch:
                assert (file.parent / patch["path"]).is_file()
                continue
            kinds = {(document["kind"], document["metadata"]["name"]) for document in _documents()}
            target = patch["target"]
            assert any(
                re.fullmatch(target["kind"], kind) and re.fullmatch(target["name"], name)
                for kind, name in kinds
            ), target


def test_what_nginx_says_itself_is_what_titan_says() -> None:
    """Files from the disk and errors of the proxy carry the headers of every other answer."""
    shipped = dict(
        re.findall(
            r'^add_header (\S+) "?(.*?)"? always;$', (DEPLOY / "nginx" / "headers.conf").read_text(), re.M
        )
    )
    transport = shipped.pop("Strict-Transport-Security")
    assert shipped == HEADERS | {"Content-Security-Policy": CLOSED_POLICY}
    production = (ROOT / "titan" / "settings" / "production.py").read_text()
    [seconds] = re.findall(r"^SECURE_HSTS_SECONDS = ([\d_]+)$", production, re.M)
    assert transport == f"max-age={int(seconds)}; includeSubDomains; preload"


def test_images_are_pinned_and_no_registry_is_named() -> None:
    bases = re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.M)
    examples = re.findall(r"^\w+_IMAGE=(\S+)", (DEPLOY / ".env.example").read_text(), re.M)
    defaults = re.findall(r"_IMAGE:-([^}]+)\}", (DEPLOY / "compose.yaml").read_text())
    for image in {*bases, *examples, *defaults}:
        name, _, tag = image.partition(":")
        assert re.fullmatch(
            r"\d+(\.\d+)+(-\w+)*", tag.removesuffix("-trixie-slim").removesuffix("-slim-trixie")
        ), image
        assert "." not in name.partition("/")[0], f"{image} names a registry"
    assert {f"{name}:{tag}" for name, tag in _kustomized_images()} <= set(examples)
    [version] = re.findall(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert f"TITAN_IMAGE=titan:{version}" in (DEPLOY / ".env.example").read_text()


def test_the_manual_names_every_file_and_every_choice() -> None:
    for file in DEPLOY.iterdir():
        assert file.name in f"{README} README.md", f"deploy/README.md says nothing of {file.name}"
    for variable in re.findall(r"\$\{(TITAN_\w+)", (DEPLOY / "compose.yaml").read_text()):
        assert variable in (DEPLOY / ".env.example").read_text(), variable


def _plain(command: list[str]) -> list[str]:
    """Without how many processes: each place chooses its own."""
    if "--processes" not in command:
        return command
    at = command.index("--processes")
    return command[:at] + command[at + 2 :]


def _documents() -> Iterator[dict[str, Any]]:
    for folder in ("kubernetes/base", "database", "redis"):
        for file in sorted((DEPLOY / folder).glob("*.yaml")):
            if file.name != "kustomization.yaml":
                yield from yaml.safe_load_all(file.read_text())


def _pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for document in _documents():
        spec = document.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "containers" in spec.get("template", {}).get("spec", {}):
            yield document["metadata"]["name"], spec["template"]["spec"]


def _kinds() -> set[tuple[str, str]]:
    return {(document["kind"], document["metadata"]["name"]) for document in _documents()}


def _policies(folder: str) -> list[dict[str, Any]]:
    file = DEPLOY / "kubernetes" / folder / "networkpolicy.yaml"
    return [one for one in yaml.safe_load_all(file.read_text()) if one["kind"] == "NetworkPolicy"]


def _selected(policy: dict[str, Any]) -> list[str]:
    """The components that a policy names one by one and lets out to addresses."""
    out = any("ipBlock" in entry for rule in policy["spec"].get("egress", []) for entry in rule["to"])
    chosen = policy["spec"]["podSelector"].get("matchExpressions", [])
    return [value for expression in chosen for value in expression["values"]] if out else []


def _edges(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The first and last address of a network, and their neighbours outside."""
    first, last = network[0], network[-1]
    before = [first - 1] if int(first) else []
    after = [last + 1] if int(last) + 1 < 2**network.max_prefixlen else []
    return [*before, first, last, *after]


def _lets(blocks: list[dict[str, Any]], text: str) -> bool:
    address = ipaddress.ip_address(text)
    return any(
        address in ipaddress.ip_network(block["cidr"])
        and not any(address in ipaddress.ip_network(left_out) for left_out in block["except"])
        for block in blocks
        if ipaddress.ip_network(block["cidr"]).version == address.version
    )


def _variables() -> Iterator[tuple[str, str]]:
    """Every TITAN variable that compose, Kubernetes and systemd set."""
    yield from compose()["x-titan"]["environment"].items()
    for document in _documents():
        if document["kind"] == "ConfigMap" and document["metadata"]["name"] == "titan":
            yield from document["data"].items()
    for unit in (DEPLOY / "systemd").glob("*.service"):
        yield from re.findall(r"^Environment=(TITAN_\w+)=(.*)$", unit.read_text(), re.M)
    yield from re.findall(r"^(TITAN_\w+)=(.*)$", (DEPLOY / "systemd" / "titan.env").read_text(), re.M)


def _kustomized_images() -> Iterator[tuple[str, str]]:
    loaded = yaml.safe_load(
        (DEPLOY / "kubernetes" / "overlays" / "example" / "kustomization.yaml").read_text()
    )
    for image in loaded["images"]:
        yield image["newName"], image["newTag"]
