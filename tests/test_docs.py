"""README and the documentation: code runs, links lead somewhere, the reference is complete."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import matplotlib
import pytest

import puffin

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKED = [*PAGES, *(ROOT / f"{name}.md" for name in ("ARCHITECTURE", "CHANGELOG", "CONTRIBUTING"))]
CODE = re.compile(r"^```(?:\{code-cell\} )?python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)(?:#[^)]*)?\)")
LISTED = re.compile(r"^   (\w+)$", re.MULTILINE)


def code_of(page: Path) -> list[str]:
    return CODE.findall(page.read_text(encoding="utf-8"))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if code_of(page)], ids=name_of)
def test_code_of_a_page_runs(page, tmp_path, monkeypatch):
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    code = "\n".join(code_of(page))
    exec(compile(code, name_of(page), "exec"), {"__name__": "page"})  # the pages are our own


@pytest.mark.parametrize("page", LINKED, ids=name_of)
def test_links_between_files_lead_somewhere(page):
    relative = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if ":" not in link]
    assert [link for link in relative if not (page.parent / link).exists()] == []


def test_every_public_name_is_in_the_reference():
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/reference").glob("*.md")]
    listed = {name for page in pages for name in LISTED.findall(page)}
    parts = [name for name in puffin.__all__ if isinstance(getattr(puffin, name), ModuleType)]
    documented = [getattr(puffin, name) for name in parts if name not in ("models", "presets")]
    public = set(puffin.__all__) - set(parts)
    public.update(*(module.__all__ for module in documented))
    assert public - listed == set()
