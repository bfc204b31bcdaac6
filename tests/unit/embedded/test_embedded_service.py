from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.embedded.folder import Folders
from deploy.embedded.keys import SERVICE_ROLES, Secrets
from deploy.embedded.service import (
    SERVICES,
    Surroundings,
    command_of,
    environment_of,
    role_dsn,
)
from shared.api_keys import ApiKeys
from shared.language import Language
from shared.logging import LogFormat
from shared.root_key import RootKey

ROOT = RootKey.new()
OWNER_DSN = "postgresql://owner:top%2Fsecret@127.0.0.1:8432/lagesbild"


def surroundings() -> Surroundings:
    return Surroundings(
        kafka="127.0.0.1:8492",
        owner_dsn=OWNER_DSN,
        secrets=Secrets(
            installation="the-installation",
            root=ROOT,
            passwords={role: f"password-of-{role}" for role in SERVICE_ROLES.values()},
            api_keys=ApiKeys({"fire": {"report": "lb_report", "read": "lb_read"}}, "lb_owner"),
        ),
        folders=Folders(Path("/data")),
        pack=Path("/packs/demo"),
        ports={service: 8420 + number for number, service in enumerate(SERVICES)},
        topic_prefix="t1.",
        partitions=8,
        log_format=LogFormat.JSON,
        language=Language.EN,
    )


def told(service: str, **inherited: str) -> dict[str, str]:
    return environment_of(service, surroundings(), inherited=inherited)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_stands_on_its_own_command_line(service: str) -> None:
    assert command_of(service)[-2:] == ("run", service)


def test_a_service_is_told_of_its_surroundings() -> None:
    given = told("delivery")

    assert given["LAGESBILD_HOST"] == "127.0.0.1"
    assert given["LAGESBILD_PORT"] == "8423"
    assert given["LAGESBILD_KAFKA"] == "127.0.0.1:8492"
    assert given["LAGESBILD_PACKS"] == "/packs/demo"
    assert given["LAGESBILD_TOPIC_PREFIX"] == "t1."
    assert given["LAGESBILD_PARTITIONS"] == "8"
    assert given["LAGESBILD_LOG_FORMAT"] == "json"
    assert given["LAGESBILD_LANGUAGE"] == "en"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_logs_in_to_the_database_as_itself(service: str) -> None:
    parts = urlsplit(told(service)["LAGESBILD_POSTGRES"])

    assert parts.username == f"lagesbild_{service}"
    assert parts.password == f"password-of-lagesbild_{service}"
    assert (parts.hostname, parts.port, parts.path) == ("127.0.0.1", 8432, "/lagesbild")


@pytest.mark.parametrize(
    ("service", "own"),
    [
        (
            "ingest",
            {"the-installation", ROOT.announcement_key(), "password-of-lagesbild_ingest"},
        ),
        ("anonymizer", {"/data/keys", "/root.key", "password-of-lagesbild_anonymizer"}),
        ("aggregator", {"password-of-lagesbild_aggregator"}),
        ("delivery", {"password-of-lagesbild_delivery"}),
    ],
)
def test_a_service_gets_its_own_secrets_and_no_others(service: str, own: set[str]) -> None:
    everything = {
        "the-installation",
        ROOT.as_text(),
        ROOT.announcement_key(),
        "/data/keys",
        "/root.key",
        "lb_report",
        "lb_read",
        "lb_owner",
        "top%2Fsecret",
        *(f"password-of-{role}" for role in SERVICE_ROLES.values()),
    }
    text = "\n".join(told(service).values())

    assert {secret for secret in everything if secret in text} == own


def test_a_service_inherits_what_programs_need_and_nothing_secret() -> None:
    inherited = {
        "PATH": "/bin",
        "HOME": "/home/anna",
        "PYTHONUNBUFFERED": "1",
        "LAGESBILD_LOG_STRICT": "1",
        "LAGESBILD_POSTGRES": "postgresql://owner:inherited@host/db",
        "LAGESBILD_INGEST_PASSWORD": "inherited",
        "LAGESBILD_ROOT_KEY": "inherited",
        "CLOUD_TOKEN": "inherited",
        "EDITOR": "vi",
    }
    given = told("anonymizer", **inherited)

    assert given["PATH"] == "/bin"
    assert given["HOME"] == "/home/anna"
    assert given["PYTHONUNBUFFERED"] == "1"
    assert given["LAGESBILD_LOG_STRICT"] == "1"
    assert "EDITOR" not in given
    rest = [one for name, one in given.items() if name != "LAGESBILD_POSTGRES"]
    assert "inherited" not in "\n".join(rest)  # its own DSN has a password of its own
    assert "owner" not in given["LAGESBILD_POSTGRES"].split("@")[0]
    assert "inherited" not in given["LAGESBILD_POSTGRES"]


def test_a_role_keeps_the_options_of_the_owners_address_but_not_its_name() -> None:
    dsn = role_dsn("postgresql://db:5433/x?sslmode=require&user=owner&password=word", "r", "p/@")

    assert dsn == "postgresql://r:p%2F%40@db:5433/x?sslmode=require"


def test_the_repr_of_secrets_shows_none_of_them() -> None:
    shown = repr(surroundings().secrets)

    assert "the-" not in shown
    assert ROOT.as_text() not in shown
    assert "password-of" not in shown
    assert "lb_" not in shown
