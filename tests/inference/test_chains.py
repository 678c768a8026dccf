"""Random streams: one for each purpose and part, the same on any number of cores."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import puffin
from puffin.inference.chains import Purpose, fixed_seed, run_chains, streams
from puffin.inference.failure import SamplingError
from puffin.inference.settings import Settings

SOURCE = Path(puffin.__file__).parent


def first_words(*args, **kwargs):
    return [int(stream.bit_generator.random_raw()) for stream in streams(*args, **kwargs)]


def test_all_purposes_have_streams_of_their_own():
    """No two purposes, parts or chains begin alike: two of 64 bits do by chance once in 1e15."""
    words = []
    for purpose in Purpose:
        words += first_words(1, 8, purpose=purpose)
        for part in {int(other) for other in Purpose}:
            words += first_words(1, 8, purpose=purpose, part=part)
    assert len(set(words)) == len(words)


def calls_of_streams():
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "streams":
                yield file.relative_to(SOURCE).as_posix(), {k.arg: k.value for k in node.keywords}


def test_purposes_have_names_wherever_streams_are_asked_for():
    calls = list(calls_of_streams())
    assert len(calls) > 15
    for file, keywords in calls:
        assert set(keywords) <= {"purpose", "part"}, file
        assert not isinstance(keywords.get("purpose"), ast.Constant | ast.BinOp), file


def test_each_purpose_is_asked_for_in_one_file():
    """So that nothing else draws from its streams."""
    files = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Purpose":
                files.setdefault(node.attr, set()).add(file)
    files["CHAINS"] = {None}
    assert {name: len(where) for name, where in files.items()} == {one.name: 1 for one in Purpose}


def test_streams_are_those_of_earlier_versions():
    """A number of the purpose at the end of the key: pinned, since draws of every seed follow."""
    expected = np.random.SeedSequence(7, spawn_key=(3,)).spawn(2)
    words = [int(np.random.SFC64(child).random_raw()) for child in expected]
    assert first_words(7, 2, purpose=Purpose.FILTER) == words
    [part] = np.random.SeedSequence(7, spawn_key=(90, 5)).spawn(1)
    found = first_words(7, 1, purpose=Purpose.NEW_RETURN, part=90)
    assert found == [int(np.random.SFC64(part).random_raw())]


def test_seeds_of_every_kind():
    sequence = np.random.SeedSequence(3)
    assert first_words(3, 2) == first_words(sequence, 2) == first_words(sequence, 2)
    assert sequence.n_children_spawned == 0
    one, other = np.random.default_rng(5), np.random.default_rng(5)
    assert first_words(one, 2) == first_words(other, 2) != first_words(one, 2)
    assert first_words(None, 1) != first_words(None, 1)
    assert fixed_seed(np.int64(4)) == 4
    assert fixed_seed(np.random.SeedSequence(4)) == fixed_seed(np.random.SeedSequence(4))
    assert fixed_seed(np.random.default_rng(4)) == fixed_seed(np.random.default_rng(4))


def test_chains_come_back_in_order_and_one_that_fails_stops_the_others():
    settings = Settings(draws=4, tune=0, chains=5, cores=2, seed=1, progressbar=False)
    assert run_chains(lambda chain, advance: chain, settings) == [0, 1, 2, 3, 4]

    def run(chain, advance):
        if chain == 0:
            raise SamplingError("on purpose")
        for _ in range(10_000_000):
            advance(1)

    with pytest.raises(SamplingError):
        run_chains(run, settings)
