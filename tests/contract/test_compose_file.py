"""docker-compose.yml: least rights, no default password, and the same as the embedded stack."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from prometheus_client import REGISTRY, CollectorRegistry
from pydantic_settings import BaseSettings

from deploy.docker.env import make
from deploy.embedded.folder import Folders
from deploy.embedded.keys import SERVICE_ROLES, new_secrets
from deploy.embedded.ports import USUAL
from deploy.embedded.postgres import DATABASE, DEFAULT_BUFFERS, OWNER, SETTINGS
from deploy.embedded.service import SERVICES, Surroundings, environment_of
from deploy.embedded.up import default_pack
from services.aggregator.config import AggregatorSettings
from services.anonymizer.config import AnonymizerSettings
from services.anonymizer.metrics import Metrics
from services.delivery.config import DeliverySettings
from services.ingest import metrics as ingest_metrics
from services.ingest.config import IngestSettings
from shared.language import Language
from shared.logging import LogFormat
from shared.settings import PREFIX, read_settings
from shared.topics import DEFAULT_PARTITIONS
from tests.support.compose import ROOT, resolved, variables_in, variables_used

CLASSES: dict[str, type[BaseSettings]] = {
    "ingest": IngestSettings,
    "anonymizer": AnonymizerSettings,
    "aggregator": AggregatorSettings,
    "delivery": DeliverySettings,
}
OTHERS = ("kafka", "postgres", "migrate", "prometheus")
OF_THE_IMAGE = (*SERVICES, "migrate")
PUBLISHED = {"ingest", "delivery"}

WHO_MAY_KNOW = {
    "LAGESBILD_OWNER_PASSWORD": {"postgres", "migrate"},
    "LAGESBILD_INGEST_PASSWORD": {"ingest", "migrate"},
    "LAGESBILD_ANONYMIZER_PASSWORD": {"anonymizer", "migrate"},
    "LAGESBILD_AGGREGATOR_PASSWORD": {"aggregator", "migrate"},
    "LAGESBILD_DELIVERY_PASSWORD": {"delivery", "migrate"},
    "LAGESBILD_INSTALLATION_SECRET": {"ingest"},
    "LAGESBILD_ANNOUNCEMENT_KEY": {"ingest"},
    "LAGESBILD_ROOT_KEY": {"anonymizer"},
    "LAGESBILD_API_KEYS": {"migrate"},
}
NO_SECRETS = {"LAGESBILD_PACK", "LAGESBILD_KAFKA_CLUSTER"}

OF_THE_PLACE = {
    "listeners",
    "advertised.listeners",
    "controller.quorum.bootstrap.servers",
    "log.dirs",
}


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    file = tmp_path_factory.mktemp("compose") / ".env"
    assert make(file, pack=default_pack())
    return variables_in(file)


@pytest.fixture(scope="module")
def compose(variables: dict[str, str]) -> dict[str, Any]:
    return resolved(variables)


@pytest.fixture(scope="module")
def containers(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def lagesbild_variables(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(PREFIX)}


def test_it_is_these_containers(containers: dict[str, dict[str, Any]]) -> None:
    assert set(containers) == {*SERVICES, *OTHERS}


def test_what_make_env_writes_is_what_the_file_asks_for(variables: dict[str, str]) -> None:
    assert set(variables) == variables_used() == {*WHO_MAY_KNOW, *NO_SECRETS}


@pytest.mark.parametrize("name", [*SERVICES, *OTHERS])
def test_a_container_has_the_least_rights(name: str, containers: dict[str, dict[str, Any]]) -> None:
    container = containers[name]

    assert container["user"].partition(":")[0] not in {"", "0", "root"}
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["pids_limit"] > 0
    assert not {"privileged", "cap_add", "devices", "pid", "ipc", "network_mode"} & set(container)
    assert "env_file" not in container  # it would hand every secret to everyone


@pytest.mark.parametrize("name", [*SERVICES, *OTHERS])
def test_a_container_comes_back_after_a_crash_except_the_job(
    name: str, containers: dict[str, dict[str, Any]]
) -> None:
    job = name == "migrate"
    assert containers[name]["restart"] == ("no" if job else "unless-stopped")
    assert ("healthcheck" in containers[name]) is not job


@pytest.mark.parametrize("name", [*SERVICES, *OTHERS])
def test_a_container_writes_only_to_memory_and_to_named_volumes(
    name: str, compose: dict[str, Any], containers: dict[str, dict[str, Any]]
) -> None:
    for mount in containers[name].get("volumes", []):
        if isinstance(mount, dict):
            assert mount["read_only"] is True
            continue
        source, _, rest = mount.partition(":")
        assert source in compose["volumes"] or rest.endswith(":ro")


def test_the_volume_of_keys_is_the_anonymizers_alone(
    containers: dict[str, dict[str, Any]],
) -> None:
    keys = f"anonymizer_keys:{containers['anonymizer']['environment']['LAGESBILD_KEY_FOLDER']}"
    assert {name for name, one in containers.items() if keys in one.get("volumes", [])} == {
        "anonymizer"
    }


def test_only_ingest_and_delivery_are_published_and_only_on_loopback(
    containers: dict[str, dict[str, Any]],
) -> None:
    published = {name: one["ports"] for name, one in containers.items() if "ports" in one}

    assert set(published) == PUBLISHED
    for name, ports in published.items():
        assert ports == [f"127.0.0.1:{USUAL[name]}:{USUAL[name]}"]


def test_networks_are_split_so_that_nobody_meets_whom_it_does_not_need(
    compose: dict[str, Any], containers: dict[str, dict[str, Any]]
) -> None:
    members: dict[str, set[str]] = {name: set() for name in compose["networks"]}
    for name, one in containers.items():
        for network in one["networks"]:
            members[network].add(name)

    assert members == {
        "edge": PUBLISHED,
        "log": {"kafka", "migrate", "ingest", "anonymizer", "aggregator"},
        "database": {"postgres", "migrate", *SERVICES},
        "metrics": {"prometheus", *SERVICES},
    }
    internal = {name for name, one in compose["networks"].items() if (one or {}).get("internal")}
    assert internal == {"log", "database", "metrics"}


@pytest.mark.parametrize("secret", WHO_MAY_KNOW)
def test_a_secret_is_told_to_nobody_else(
    secret: str, variables: dict[str, str], containers: dict[str, dict[str, Any]]
) -> None:
    value = variables[secret]
    told = {
        name for name, one in containers.items() if any(value in text for text in texts_in(one))
    }
    assert told == WHO_MAY_KNOW[secret]


def texts_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from texts_in(one)
    elif isinstance(node, str):
        yield node


@pytest.mark.parametrize("service", SERVICES)
def test_both_modes_tell_a_service_the_same_things(
    service: str,
    variables: dict[str, str],
    containers: dict[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = lagesbild_variables(containers[service]["environment"])
    embedded = lagesbild_variables(environment_of(service, surroundings(), inherited={}))
    fields = CLASSES[service].model_fields

    in_a_file = {PREFIX + "ROOT_KEY_FILE": PREFIX + "ROOT_KEY"}  # here it is a variable
    assert set(told) == {in_a_file.get(name, name) for name in embedded}
    assert {name.removeprefix(PREFIX).lower() for name in told} <= set(fields)
    for name in ("TOPIC_PREFIX", "PARTITIONS", "PORT", "LOG_FORMAT", "LANGUAGE"):
        assert told[PREFIX + name] == embedded[PREFIX + name]
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    settings = read_settings(CLASSES[service])  # every required field is there and in order
    assert settings.model_fields_set == {name.removeprefix(PREFIX).lower() for name in told}


def surroundings() -> Surroundings:
    return Surroundings(
        kafka="127.0.0.1:8492",
        owner_dsn=f"postgresql://{OWNER}:secret@127.0.0.1:8432/{DATABASE}",
        secrets=new_secrets(actors=["fire"]),
        folders=Folders(Path("/data")),
        pack=default_pack(),
        ports=USUAL,
        topic_prefix="",
        partitions=DEFAULT_PARTITIONS,
        log_format=LogFormat.JSON,
        language=Language.SV,
    )


@pytest.mark.parametrize("name", [*SERVICES, "migrate"])
def test_both_modes_use_the_same_roles_and_database(
    name: str, containers: dict[str, dict[str, Any]]
) -> None:
    dsn = containers[name]["environment"].get("LAGESBILD_POSTGRES")
    parts = urlsplit(dsn)
    assert parts.username == (OWNER if name == "migrate" else SERVICE_ROLES[name])
    assert parts.path == f"/{DATABASE}"
    assert f"{parts.hostname}:{parts.port}" == "postgres:5432"
    assert containers["postgres"]["environment"]["POSTGRES_USER"] == OWNER
    assert containers["postgres"]["environment"]["POSTGRES_DB"] == DATABASE


def test_the_job_and_the_services_agree_on_the_topics(
    containers: dict[str, dict[str, Any]],
) -> None:
    for name in ("LAGESBILD_KAFKA", "LAGESBILD_TOPIC_PREFIX", "LAGESBILD_PARTITIONS"):
        assert len({containers[one]["environment"][name] for one in OF_THE_IMAGE}) == 1


def test_kafka_has_the_settings_of_the_embedded_one(containers: dict[str, dict[str, Any]]) -> None:
    ours = dict(properties(ROOT / "deploy" / "embedded" / "server.properties"))
    environment = containers["kafka"]["environment"]
    theirs = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in environment.items()
        if name.startswith("KAFKA_") and name != "KAFKA_LOG4J_OPTS"
    }

    assert {name: theirs.get(name) for name in set(ours) - OF_THE_PLACE} == {
        name: value for name, value in ours.items() if name not in OF_THE_PLACE
    }
    assert set(theirs) - set(ours) == {"controller.quorum.voters"}
    assert theirs["advertised.listeners"].startswith("PLAINTEXT://kafka:9092,")


def properties(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name, value


def test_postgres_has_the_settings_of_the_embedded_one(
    containers: dict[str, dict[str, Any]],
) -> None:
    program, *options = containers["postgres"]["command"]
    told = dict(one.removeprefix("--").split("=") for one in options)
    of_the_place = {"listen_addresses", "unix_socket_directories"}

    assert program == "postgres"
    assert told == {
        "shared_buffers": DEFAULT_BUFFERS,
        **{name: value for name, value in SETTINGS.items() if name not in of_the_place},
    }


def test_the_four_services_are_one_image_with_four_commands(
    containers: dict[str, dict[str, Any]],
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    images = {containers[name]["image"] for name in OF_THE_IMAGE}

    assert images == {f"lagesbild:{project['version']}"}
    for service in SERVICES:
        assert containers[service]["command"] == ["lagesbild", "run", service]


def test_every_image_has_a_version(containers: dict[str, dict[str, Any]]) -> None:
    assert containers["kafka"]["image"] == "apache/kafka:4.3.1"
    assert containers["postgres"]["image"] == "postgres:18"
    for container in containers.values():
        name, _, tag = container["image"].partition(":")
        assert tag[:1].isdigit() or tag[:2] == "v3"
        assert "." not in name  # no registry's host name


def test_services_wait_for_the_job_and_the_job_for_its_servers(
    containers: dict[str, dict[str, Any]],
) -> None:
    for service in SERVICES:
        assert containers[service]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"}
        }
    healthy = {"condition": "service_healthy"}
    assert containers["migrate"]["depends_on"] == {"kafka": healthy, "postgres": healthy}


def test_prometheus_asks_every_service() -> None:
    file = ROOT / "deploy" / "prometheus" / "prometheus.yml"
    (job,) = yaml.safe_load(file.read_text())["scrape_configs"]

    asked = {one["labels"]["service"]: one["targets"] for one in job["static_configs"]}
    assert asked == {service: [f"{service}:{USUAL[service]}"] for service in SERVICES}


def test_prometheus_knows_the_alerts_and_they_ask_for_metrics_that_exist(
    containers: dict[str, dict[str, Any]],
) -> None:
    folder = ROOT / "deploy" / "prometheus"
    (inside,) = yaml.safe_load((folder / "prometheus.yml").read_text())["rule_files"]
    assert f"./deploy/prometheus/alerts.yml:{inside}:ro" in containers["prometheus"]["volumes"]
    rules = [
        rule
        for group in yaml.safe_load((folder / "alerts.yml").read_text())["groups"]
        for rule in group["rules"]
    ]
    assert "LagesbildTripwireHit" in {rule["alert"] for rule in rules}
    registry = CollectorRegistry()
    Metrics(registry)
    known = {sample.name for metric in registry.collect() for sample in metric.samples}
    assert ingest_metrics.ACCEPTED  # registers what ingest measures
    known |= {sample.name for metric in REGISTRY.collect() for sample in metric.samples}
    asked = {name for rule in rules for name in re.findall(r"lagesbild_\w+", rule["expr"])}
    assert asked <= known
    assert {
        "lagesbild_tripwire_hits_total",
        "lagesbild_reports_lost_total",
        "lagesbild_reports_missed_total",
        "lagesbild_announcements_refused_total",
        "lagesbild_lag_records",
        "lagesbild_backlog_is_old",
        "lagesbild_linking_key_is_missing",
        "lagesbild_key_round_age_seconds",
        "lagesbild_keys_made_again_total",
        "lagesbild_backlog_answer_age_seconds",
        "lagesbild_founders_missing_total",
    } <= asked
