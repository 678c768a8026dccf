"""Print the lowest versions that pyproject.toml allows, as constraints for pip.

    python scripts/lowest_versions.py > constraints.txt

Of the packages that Puffin asks for itself; what these ask for in turn, and what tests need, is
pip's to choose.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\w.]+)")


def lowest_versions(pyproject: str) -> list[str]:
    """Return a line for each package that Puffin, or an extra of its users, asks for itself."""
    project = tomllib.loads(pyproject)["project"]
    asked = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        if not any(one.startswith(project["name"]) for one in extra):  # not one for developers
            asked += extra
    found = {match["name"]: match["version"] for one in asked if (match := REQUIREMENT.match(one))}
    return [f"{name}=={version}" for name, version in sorted(found.items())]


if __name__ == "__main__":
    print("\n".join(lowest_versions(PYPROJECT.read_text(encoding="utf-8"))))
