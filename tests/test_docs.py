"""README and the documentation: code runs, links lead somewhere, the reference is complete."""

from __future__ import annotations

import doctest
import importlib
import re
import shlex
from pathlib import Path
from types import ModuleType

import matplotlib
import pytest
import typer
from benchmarks import evidence

import puffin
from puffin.cli.app import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKED = [*PAGES, *(ROOT / f"{name}.md" for name in ("ARCHITECTURE", "CHANGELOG", "CONTRIBUTING"))]
CODE = re.compile(
    r"^```(?:\{code-cell\} )?python\n(?:---\n.*?^---\n)?(.*?)^```$", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)(?:#[^)]*)?\)")
SHOWN = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\$ |    )puffin (.+?)(?:  +#.*)?$", re.MULTILINE)
WITH_EXAMPLES = [
    ".".join(file.relative_to(ROOT / "src").with_suffix("").parts)
    for file in sorted((ROOT / "src").rglob("*.py"))
    if ">>> " in file.read_text(encoding="utf-8")
]
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


@pytest.mark.slow
def test_readme_shows_what_comes_out():
    [block] = SHOWN.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    examples = doctest.DocTestParser().get_doctest(block, {}, "README.md", "README.md", 0)
    wrapped = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    failed, tried = wrapped.run(examples)
    assert tried > 0
    assert failed == 0


@pytest.mark.slow
@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_of_docstrings(module):
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert tried > 0
    assert failed == 0


@pytest.mark.slow
def test_figures_of_the_evidence_have_the_numbers_of_the_tables():
    [ax] = evidence.coverage().axes
    worlds = [line for line in ax.lines if line.get_marker() == "."]
    assert sum(line.get_xdata().size for line in worlds) == 268
    speed = evidence.speed()
    assert speed._repr_png_().startswith(b"\x89PNG")  # a notebook shows it without pyplot
    [ax] = speed.axes
    ours = next(line for line in ax.lines if line.get_label() == "Puffin")
    assert ours.get_xdata()[0] == 215_926
    panels = [ax for ax in evidence.ranks().axes if ax.get_title()]
    lines = [line.get_ydata() for ax in panels for line in ax.lines]
    assert all(abs(line[-1]) < 1e-12 for line in lines)  # all ranks are among 0 to 99


def test_commands_of_pages_are_those_there_are():
    group = typer.main.get_command(app)
    lines = [line for page in PAGES for line in COMMAND.findall(page.read_text(encoding="utf-8"))]
    assert len(lines) > 15
    for name, *rest in map(shlex.split, lines):
        command = group.commands[name]
        with command.context_class(command, info_name=name) as context:
            command.make_parser(context).parse_args(rest)  # an unknown option is an error


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
