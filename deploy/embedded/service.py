"""The four services as child processes: their commands, and what each of them is told.

Each gets its own login role and only the secrets that its stage needs: the anonymizer alone has the
root key and can open a report, ingest alone can make event ids, neither has the other's.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import deploy
from deploy.embedded.folder import Folders
from deploy.embedded.keys import ROOT_FILE, SERVICE_ROLES, Secrets
from shared.language import Language
from shared.logging import LogFormat

HOST = "127.0.0.1"
OWN_CODE = Path(deploy.__path__[0]).parent
"""Services run the same code as the stack, whatever their working folder and the installation."""

SERVICES = ("ingest", "anonymizer", "aggregator", "delivery")

INHERITED = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV"})
INHERITED_PREFIXES = ("PYTHON", "LAGESBILD_")
SECRET_WORDS = ("POSTGRES", "SECRET", "KEY", "PASSWORD", "TOKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What services are told of the world; `owner_dsn` is never passed on as it is.

    Shape: `folders` is where the installation lives: its root key and its key folder.
    """

    kafka: str
    owner_dsn: str
    secrets: Secrets
    folders: Folders
    pack: Path
    ports: Mapping[str, int]
    topic_prefix: str
    partitions: int
    log_format: LogFormat
    language: Language


def command_of(service: str) -> tuple[str, ...]:
    """How a service is started; its name stands on its command line."""
    return (sys.executable, "-m", "services.cli", "run", service)


def url_of(port: int, path: str = "") -> str:
    """An address on this machine."""
    return f"http://{HOST}:{port}{path}"


def environment_of(
    service: str, given: Surroundings, *, inherited: Mapping[str, str]
) -> dict[str, str]:
    """The whole environment of one service."""
    told = {
        "HOST": HOST,
        "PORT": str(given.ports[service]),
        "KAFKA": given.kafka,
        "TOPIC_PREFIX": given.topic_prefix,
        "PARTITIONS": str(given.partitions),
        "PACKS": str(given.pack),
        "LOG_FORMAT": given.log_format.value,
        "LANGUAGE": given.language.value,
        **_secrets_of(service, given),
    }
    passed_on = _passed_on(inherited)
    paths = (str(OWN_CODE), passed_on.get("PYTHONPATH", ""))
    return {
        **passed_on,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        **{f"LAGESBILD_{name}": value for name, value in told.items()},
    }


def role_dsn(owner_dsn: str, role: str, password: str) -> str:
    """The owner's DSN for another role; everything but user and password stays."""
    parts = urlsplit(owner_dsn)
    place = parts.netloc.rpartition("@")[2]
    rest = [(name, value) for name, value in parse_qsl(parts.query) if name not in _WHO]
    who = f"{quote(role, safe='')}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{who}@{place}", query=urlencode(rest)).geturl()


_WHO = frozenset({"user", "password", "passfile"})


def _secrets_of(service: str, given: Surroundings) -> dict[str, str]:
    role = SERVICE_ROLES[service]
    own = {"POSTGRES": role_dsn(given.owner_dsn, role, given.secrets.passwords[role])}
    if service == "ingest":
        own["INSTALLATION_SECRET"] = given.secrets.installation
        own["ANNOUNCEMENT_KEY"] = given.secrets.root.announcement_key()
    if service == "anonymizer":
        own["ROOT_KEY_FILE"] = str(given.folders.secrets / ROOT_FILE)
        own["KEY_FOLDER"] = str(given.folders.keys)
    return own


def _passed_on(inherited: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in inherited.items()
        if name in INHERITED
        or (name.startswith(INHERITED_PREFIXES) and not any(word in name for word in SECRET_WORDS))
    }
