"""docker-compose.yml as compose reads it: anchors merged, variables put in from an env file."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(?P<name>\w+):\?[^}]+\}")


def variables_in(env_file: Path) -> dict[str, str]:
    """Name to value of an env file."""
    return {name: value or "" for name, value in dotenv_values(env_file).items()}


def variables_used() -> set[str]:
    """Every variable that the file asks for."""
    return {found["name"] for found in VARIABLE.finditer(FILE.read_text())}


def resolved(variables: dict[str, str]) -> dict[str, Any]:
    """The whole file with its variables put in.

    Raises:
        AssertionError: a variable is used in another way than `${NAME:?…}`, which has no default.
        KeyError: a variable is not given.
    """
    found: dict[str, Any] = _put_in(yaml.safe_load(FILE.read_text()), variables)
    return found


def _put_in(node: Any, variables: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _put_in(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [_put_in(value, variables) for value in node]
    if not isinstance(node, str):
        return node
    assert "$" not in VARIABLE.sub("", node)
    return VARIABLE.sub(lambda found: variables[found["name"]], node)


@dataclass(frozen=True, slots=True)
class Places:
    """What stands in this test for the places in the containers: written there, found here."""

    here: dict[str, str]

    def of(self, text: str) -> str:
        """The text with each place replaced."""
        for written, found in self.here.items():
            text = text.replace(written, found)
        return text
