"""The three descriptions of the environment agree."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.version import Version
from ruamel.yaml import YAML

from joren.params import project_root


def _project() -> dict:
    return tomllib.loads((project_root() / "pyproject.toml").read_text(encoding="utf-8"))


def _locked() -> dict[str, list[Version]]:
    lock = (project_root() / "requirements.lock").read_text(encoding="utf-8")
    versions: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", lock, re.M):
        versions.setdefault(name, []).append(Version(version))
    return versions


def test_environment_yml_has_the_names_and_bounds_of_pyproject():
    environment = YAML(typ="safe").load(project_root() / "environment.yml")
    by_pip = next(part["pip"] for part in environment["dependencies"] if isinstance(part, dict))

    assert sorted(by_pip) == sorted(_project()["project"]["dependencies"])
    assert f"python{_project()['project']['requires-python']}" in environment["dependencies"]


def test_the_lock_satisfies_every_bound_of_pyproject():
    project = _project()
    required = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = _locked()

    for requirement in map(Requirement, required):
        versions = locked[requirement.name.lower().replace("_", "-")]
        assert all(version in requirement.specifier for version in versions), requirement


def test_everything_that_can_be_had_besides_is_in_the_lock_and_so_tested():
    project = _project()
    for requirements in project["project"]["optional-dependencies"].values():
        assert set(requirements) <= set(project["dependency-groups"]["dev"])


def test_the_lock_is_hashed_and_names_no_registry():
    lock = (project_root() / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9][^\n]*==", lock, re.M)

    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", lock)) >= len(pins) > 100
    assert "://" not in lock
