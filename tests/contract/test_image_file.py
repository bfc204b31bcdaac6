"""The Dockerfile: pinned, small, not root, and nothing secret in it. No engine builds it here."""

import subprocess
import sys
import tomllib

from deploy.embedded.service import SERVICES
from tests.support.compose import ROOT, resolved, variables_used


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "deploy" / "docker" / "Dockerfile").read_text().replace("\\\n", "")
    lines = [line.strip() for line in text.splitlines()]
    found = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(word, " ".join(rest.split())) for word, _, rest in found]


def test_the_image_is_of_a_pinned_python_and_pinned_packages() -> None:
    bases = {rest.partition(" ")[0] for word, rest in instructions() if word == "FROM"}
    install, keys = [rest for word, rest in instructions() if word == "RUN"]

    assert len(bases) == 1
    assert bases.pop().startswith("python:3.11-slim-")
    assert "pip install -c constraints.txt ." in install
    assert "embedded" not in install
    assert (
        keys
        == "install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/lagesbild/keys"
    )


def test_the_image_runs_as_the_user_that_compose_names() -> None:
    word, user = instructions()[-1]
    containers = resolved(dict.fromkeys(variables_used(), "given"))["services"]

    assert word == "USER"
    assert user.partition(":")[0] not in {"", "0", "root"}
    assert {one["user"] for one in containers.values() if "build" in one} == {user}


def test_no_secret_can_get_into_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]

    assert patterns[0] == "*"
    assert "**/.env" in patterns[patterns.index("!deploy") :]
    assert {one for one in patterns if one.startswith("!")} == {
        f"!{rest.split()[at]}"
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for at in range(len(rest.split()) - 1)
    }


def test_the_image_needs_nothing_of_the_embedded_mode() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    left_out = [name.replace("-", "_") for name in project["optional-dependencies"]["embedded"]]
    program = "\n".join(
        [
            "import importlib, sys",
            f"sys.modules.update(dict.fromkeys({left_out!r}))",  # None makes an import fail
            "importlib.import_module('services.cli')",
            "importlib.import_module('deploy.schema.prepare')",
            f"[importlib.import_module(f'services.{{one}}.app') for one in {list(SERVICES)!r}]",
        ]
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
