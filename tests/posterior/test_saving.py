"""Files: what is written is read, and nothing else is."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile

import numpy as np
import pytest

from puffin.posterior.saving import pack, read_file, write_file

GROUPS = {
    "posterior": {"mu": np.arange(6.0).reshape(2, 3), "h": np.ones((2, 0), np.float32)},
    "observed_data": {
        "time": np.array(["2020-01-01", "NaT"], "M8[ns]"),
        "names": np.array(["KO", "Ö"]),
        "across": np.asfortranarray(np.arange(6).reshape(2, 3)),
    },
}
FACTS = {"seed": np.int64(3), "name": "KO", "nothing": None}
MANIFEST = {"format": "puffin", "version": 2, "kind": "Model", "facts": {}}


@pytest.fixture
def path(tmp_path):
    write_file(tmp_path / "fit.npz", "Model", GROUPS, FACTS)
    return tmp_path / "fit.npz"


def test_there_and_back(path):
    groups, facts = read_file(path, "Model")
    assert facts == {"seed": 3, "name": "KO", "nothing": None}
    for group, arrays in GROUPS.items():
        assert groups[group].keys() == arrays.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(groups[group][name], array)
            assert groups[group][name].dtype == array.dtype
            assert groups[group][name].flags.writeable
    assert [file.name for file in path.parent.iterdir()] == ["fit.npz"]


def test_numpy_reads_it_too(path):
    with np.load(path) as arrays:
        np.testing.assert_array_equal(arrays["posterior/mu"], GROUPS["posterior"]["mu"])


def test_the_same_content_is_the_same_bytes(path, tmp_path):
    write_file(tmp_path / "again.npz", "Model", GROUPS, FACTS)
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("groups", "facts"),
    [(GROUPS, {"model": object()}), ({"a": {"b": np.array([object()])}}, FACTS)],
)
def test_a_failure_leaves_the_file_before(path, groups, facts):
    before = path.read_bytes()
    with pytest.raises((TypeError, ValueError), match=r"cannot be saved|Object arrays"):
        write_file(path, "Model", groups, facts)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["fit.npz"]


def test_other_files_are_refused(path, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_file(tmp_path / "none.npz", "Model")
    with pytest.raises(ValueError, match="no file that can be read"):
        read_file(tmp_path, "Model")
    with pytest.raises(ValueError, match="holds Model, not a Other"):
        read_file(path, "Other")
    np.savez(tmp_path / "numpy.npz", a=np.ones(3))
    with pytest.raises(ValueError, match="damaged"):
        read_file(tmp_path / "numpy.npz", "Model")
    path.write_bytes(b"text")
    with pytest.raises(ValueError, match="damaged, or not a file that `save` wrote"):
        read_file(path, "Model")


def test_every_byte_counts(path):
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 1 << (place % 8)
        path.write_bytes(changed)
        with pytest.raises(ValueError, match="damaged"):
            read_file(path, "Model")
    for size in (0, 3, 70, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match="damaged"):
            read_file(path, "Model")


def sealed(path, groups=(), manifest=MANIFEST):
    """Write a file whose digest is right, whatever it holds."""
    with path.open("w+b") as stream:
        pack(stream, dict(groups), manifest if isinstance(manifest, str) else json.dumps(manifest))


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("[]", "something else"),
        ("[" * 100_000, "damaged"),
        ("{", "damaged"),
        (MANIFEST | {"format": 3}, "something else"),
        (MANIFEST | {"version": 3}, "version 3 of the format; this release reads version 2"),
        (MANIFEST | {"facts": 3}, "facts cannot be read"),
        (" " * (1 << 20) + "{}", "manifest is too long"),
    ],
    ids=range(7),
)
def test_manifests_of_other_kinds(tmp_path, manifest, message):
    sealed(tmp_path / "fit.npz", manifest=manifest)
    with pytest.raises(ValueError, match=message):
        read_file(tmp_path / "fit.npz", "Model")


def resealed(path, members):
    """Write a ZIP file of these members, with the right digest."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("manifest.json", json.dumps(MANIFEST))
        for name, (text, kind) in members.items():
            archive.writestr(name, text, compress_type=kind)
    reseal(path, content.getvalue())


def reseal(path, archive):
    """Give the bytes of an archive the comment that makes them whole."""
    end = bytearray(archive)
    end[-2:] = (64).to_bytes(2, "little")
    path.write_bytes(bytes(end) + hashlib.sha256(end).hexdigest().encode())


def header(shape, dtype="<f8"):
    stream = io.BytesIO()
    fields = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, fields)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (header((10**9,)), zipfile.ZIP_STORED),
        (header((-1, -1)) + b"0" * 8, zipfile.ZIP_STORED),
        (header((1,), "|O") + b"0" * 8, zipfile.ZIP_STORED),
        (header((1 << 24,)) + bytes(8 << 24), zipfile.ZIP_DEFLATED),
        (b"\x93NUMPY\x01\x00\xff\xff", zipfile.ZIP_STORED),
        (b"not an array", zipfile.ZIP_STORED),
    ],
    ids=["declares 8 GB", "negative", "objects", "compressed", "cut", "text"],
)
def test_what_is_declared_is_checked_before_it_is_read(tmp_path, monkeypatch, text, kind):
    resealed(tmp_path / "fit.npz", {"posterior/mu.npy": (text, kind)})
    with pytest.raises(ValueError, match=r"fit\.npz' is damaged \("):
        read_file(tmp_path / "fit.npz", "Model")


def test_the_helper_seals(tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.arange(3.0))
    resealed(tmp_path / "fit.npz", {"posterior/mu.npy": (stream.getvalue(), zipfile.ZIP_STORED)})
    groups, _ = read_file(tmp_path / "fit.npz", "Model")
    np.testing.assert_array_equal(groups["posterior"]["mu"], np.arange(3.0))


def test_a_link_and_a_pipe(path, tmp_path):
    (tmp_path / "link").symlink_to(path)
    assert read_file(tmp_path / "link", "Model")[1]["seed"] == 3
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ValueError, match="no file that can be read"):
            read_file(tmp_path / "pipe", "Model")
