"""The secrets of one embedded installation, made at its first start and kept in its own folder.

They are what holds the installation together: with another root key the keys in its key folder
cannot be used, with another installation secret resends are counted twice. So they are never made
anew while a file exists, and a file that cannot be read stops the start. Nothing here is ever
logged.

Elsewhere than on one machine these secrets come from the platform's own store, not from files.
"""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from deploy.embedded.errors import CannotStart
from shared.api_keys import OPTIONAL_PURPOSES, PURPOSES, ApiKeys, new_key
from shared.language import Text
from shared.root_key import RootKey

ROOT_FILE = "root.key"
INSTALLATION_BYTES = 32
PASSWORD_BYTES = 24

OWNER_ROLE = "lagesbild_owner"
SERVICE_ROLES: Mapping[str, str] = {
    "ingest": "lagesbild_ingest",
    "anonymizer": "lagesbild_anonymizer",
    "aggregator": "lagesbild_aggregator",
    "delivery": "lagesbild_delivery",
}
OWNER_KEY = "owner"

Fill: TypeAlias = Callable[[dict[str, str]], None]
Take: TypeAlias = Callable[[str, Fill], dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Everything secret; its repr shows nothing.

    Shape: `installation` in hexadecimal, `passwords` by role.
    """

    installation: str = field(repr=False)
    root: RootKey = field(repr=False)
    passwords: Mapping[str, str] = field(repr=False)
    api_keys: ApiKeys = field(repr=False)


def secrets_in(folder: Path, *, actors: Iterable[str]) -> Secrets:
    """The secrets of the installation; what is missing is made.

    Shape: the API keys are those of `actors` and the owner's; an actor that has left the pack
    keeps its keys in the file, in case it comes back.

    Raises:
        CannotStart: a file is there but cannot be read as what it should be; names it.
    """
    folder.chmod(0o700)
    return _secrets(
        lambda name, fill: _kept(folder / f"{name}.json", fill),
        actors=list(actors),
        root=_kept_root(folder / ROOT_FILE),
    )


def new_secrets(*, actors: Iterable[str]) -> Secrets:
    """Fresh secrets in memory, for an installation that keeps its own elsewhere."""
    return _secrets(lambda _name, fill: _filled({}, fill), actors=list(actors), root=RootKey.new())


def api_keys_of(named: Mapping[str, str], *, actors: Iterable[str]) -> ApiKeys:
    """The keys of `actors` and the owner's out of a flat mapping; see `named_api_keys`.

    Shape: a key to an optional purpose that is not there is left out.

    Raises:
        KeyError: one is missing; its argument is the name.
    """
    return ApiKeys(
        actors={
            actor: {
                purpose: named[f"{actor}/{purpose}"]
                for purpose in PURPOSES
                if purpose not in OPTIONAL_PURPOSES or f"{actor}/{purpose}" in named
            }
            for actor in actors
        },
        owner=named[OWNER_KEY],
    )


def named_api_keys(keys: ApiKeys) -> dict[str, str]:
    """The keys as they are written down: `actor/purpose` to key, and `owner`."""
    by_name = {
        f"{actor}/{purpose}": key
        for actor, by_purpose in keys.actors.items()
        for purpose, key in by_purpose.items()
    }
    return {**by_name, OWNER_KEY: keys.owner}


def _secrets(take: Take, *, actors: list[str], root: RootKey) -> Secrets:
    return Secrets(
        installation=take("installation", _fill_installation)["secret"],
        root=root,
        passwords=take("passwords", _fill_passwords),
        api_keys=api_keys_of(take("api-keys", partial(_fill_api_keys, actors)), actors=actors),
    )


def _fill_installation(kept: dict[str, str]) -> None:
    if "secret" not in kept:
        kept["secret"] = secrets.token_hex(INSTALLATION_BYTES)


def _fill_passwords(kept: dict[str, str]) -> None:
    for role in (OWNER_ROLE, *SERVICE_ROLES.values()):
        if role not in kept:
            kept[role] = secrets.token_urlsafe(PASSWORD_BYTES)


def _fill_api_keys(actors: list[str], kept: dict[str, str]) -> None:
    names = [f"{actor}/{purpose}" for actor in actors for purpose in PURPOSES]
    for name in (*names, OWNER_KEY):
        if name not in kept:
            kept[name] = new_key()


def _kept(file: Path, fill: Fill) -> dict[str, str]:
    """The content of a file after `fill` has added what is missing in it."""
    known = _read(file) if file.exists() else {}
    filled = _filled(known, fill)
    if filled != known:
        write_privately(file, json.dumps(filled, indent=2) + "\n")
    return filled


def _filled(known: Mapping[str, str], fill: Fill) -> dict[str, str]:
    filled = dict(known)
    fill(filled)
    return filled


def _kept_root(file: Path) -> RootKey:
    """The root key of the file, which is made if there is none."""
    if not file.exists():
        write_privately(file, RootKey.new().as_text() + "\n")
    try:
        return RootKey.in_file(file)
    except ValueError:
        raise _unreadable(file) from None


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise _unreadable(file)
    return found


def _unreadable(file: Path) -> CannotStart:
    return CannotStart(
        Text(
            sv=f"{file} kan inte läsas. Återställ den från en säkerhetskopia: utan den kan "
            "det som finns i datamappen inte användas.",
            en=f"{file} cannot be read. Restore it from a backup: without it, what is in the "
            "data folder cannot be used.",
        )
    )


def write_privately(file: Path, text: str) -> None:
    """Replace a file at once and for good; only its owner may read it, at no moment anyone else."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.replace(file)
