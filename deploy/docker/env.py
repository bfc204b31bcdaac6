"""`make env`: the secrets of a compose installation, made once, into `.env`.

`.env` is to compose what the folder `secrets/` is to the embedded stack: with another root key the
keys in the key folder cannot be used, with another installation secret resends are counted twice.
So a file that is there is never touched, and the new one is readable by its owner only.

Values go to containers through variables, not through files: compose cannot mount a secret that
is no file into a container whose root is read-only, and a file that only its owner on the host
may read cannot be read by the container's own user.
"""

import argparse
import base64
import json
import os
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import deploy
from deploy.embedded.keys import (
    OWNER_ROLE,
    SERVICE_ROLES,
    Secrets,
    named_api_keys,
    new_secrets,
    write_privately,
)
from shared.errors import ConfigurationError
from shared.language import Language, Text
from shared.pack import load_pack

EXIT_OK = 0
EXIT_USER = 2

HEAD = """\
# The secrets of this installation, made by `make env`. Keep a copy in a safe place: without it,
# what is in Kafka and PostgreSQL cannot be used. Never in a repository, never in a message.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file unless it exists; the exit code."""
    chosen = os.environ.get("LAGESBILD_LANGUAGE", Language.SV.value)
    language = Language(chosen) if chosen in tuple(Language) else Language.SV
    options = _parser().parse_args(arguments)
    try:
        made = make(options.file, pack=options.pack)
    except ConfigurationError as error:
        sys.stderr.write("".join(f"{mistake}\n" for mistake in error.mistakes))
        return EXIT_USER
    text = (
        Text(sv=f"{options.file} är gjord.", en=f"{options.file} was made.")
        if made
        else Text(
            sv=f"{options.file} finns redan och är orörd.",
            en=f"{options.file} exists already and was not touched.",
        )
    )
    sys.stdout.write(text.in_(language) + "\n")
    return EXIT_OK


def make(file: Path, *, pack: Path) -> bool:
    """Write a new file of secrets for this pack; False if there is one already.

    Raises:
        ConfigurationError: the pack is not right.
    """
    if file.exists():
        return False
    secrets = new_secrets(actors=load_pack(pack).actors)
    lines = [f"{name}={value}\n" for name, value in _variables(secrets, pack).items()]
    write_privately(file, HEAD + "".join(lines))
    return True


def _variables(secrets: Secrets, pack: Path) -> Mapping[str, str]:
    """Name to value, as they stand in the file: no value but the quoted JSON needs quotes."""
    passwords = {
        f"LAGESBILD_{service.upper()}_PASSWORD": secrets.passwords[role]
        for service, role in SERVICE_ROLES.items()
    }
    return {
        "LAGESBILD_PACK": f"'{_from_here(pack)}'",
        "LAGESBILD_KAFKA_CLUSTER": _cluster_id(),
        "LAGESBILD_OWNER_PASSWORD": secrets.passwords[OWNER_ROLE],
        **passwords,
        "LAGESBILD_INSTALLATION_SECRET": secrets.installation,
        "LAGESBILD_ROOT_KEY": secrets.root.as_text(),
        "LAGESBILD_ANNOUNCEMENT_KEY": secrets.root.announcement_key(),
        "LAGESBILD_API_KEYS": f"'{json.dumps(named_api_keys(secrets.api_keys))}'",
    }


def _cluster_id() -> str:
    """16 bytes as Kafka writes them; the first bit is 0, so that it never looks like an option."""
    some = uuid.UUID(int=uuid.uuid4().int >> 1).bytes
    return base64.urlsafe_b64encode(some).decode().rstrip("=")


def _from_here(pack: Path) -> str:
    """A path below the working folder as compose wants it, any other in full."""
    absolute, here = pack.absolute(), Path.cwd()
    return f"./{absolute.relative_to(here)}" if absolute.is_relative_to(here) else str(absolute)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make env", description="Make the secrets for compose.")
    demo = Path(deploy.__path__[0]) / "municipalities" / "demo"
    parser.add_argument("--pack", type=Path, default=demo, metavar="DIR", help="municipality")
    parser.add_argument("--file", type=Path, default=Path(".env"), metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
