"""A file from its published address: whole and with the right checksum, or not at all."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from attunement.study.files import sha256
from attunement.study.problems import StudyError

SECONDS_TO_WAIT = 30
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def file_name(url: str) -> str:
    """The file name at the end of an address."""
    return Path(unquote(urlsplit(url).path)).name or "download"


def _reason(error: Exception, url: str) -> str:
    """The failure of a download in one sentence."""
    import requests

    response = getattr(error, "response", None)
    if isinstance(error, requests.exceptions.HTTPError) and response is not None:
        return f"{url} answered with HTTP status {response.status_code}"
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or "IncompleteRead" in str(
        error
    ):
        return f"The download of {url} was cut off before its end"
    if isinstance(error, requests.exceptions.Timeout):
        return f"{url} did not answer within {SECONDS_TO_WAIT} seconds"
    if isinstance(error, requests.exceptions.RequestException):
        return f"{url} cannot be reached: no network, or the address is gone"
    if isinstance(error, ValueError) and "hash" in str(error):
        return f"What {url} sent does not have the declared checksum"
    return f"{url} could not be saved: {error}"


def _transfer(url: str, output_file: str, _: object) -> None:
    """Write what an address sends to a file; the connection is closed whatever happens."""
    import requests

    # A proxy of the institution cannot reach this machine itself.
    local = urlsplit(url).hostname in LOOPBACK
    proxies: Any = {"http": None, "https": None, "all": None} if local else None
    with requests.get(url, stream=True, timeout=SECONDS_TO_WAIT, proxies=proxies) as response:
        response.raise_for_status()
        with Path(output_file).open("wb") as file:
            for chunk in response.iter_content(chunk_size=1 << 16):
                file.write(chunk)


def download(url: str, checksum: str, folder: Path) -> Path:
    """Fetch a file into a folder unless it lies there already with the right checksum.

    The transfer goes to a folder of its own beside the final place and is moved only once it is
    complete, so that a failure leaves nothing, and a killed run leaves nothing that is ever read.

    Parameters
    ----------
    url, checksum : str
        Address and SHA-256 as hexadecimal text.
    folder : Path
        Where downloads of the dataset lie.

    Raises
    ------
    StudyError
        Wrong checksum, transfer cut off, HTTP error, no network.
    """
    place = folder / file_name(url)
    if place.is_file() and sha256(place) == checksum.lower():
        return place

    import pooch

    pooch.get_logger().setLevel(logging.ERROR)
    existed = folder.is_dir()
    partial = folder / ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        fetched = pooch.retrieve(
            url,
            known_hash=f"sha256:{checksum.lower()}",
            fname=place.name,
            path=partial,
            downloader=_transfer,
        )
        Path(fetched).replace(place)
    except Exception as error:
        reason = _reason(error, url)
        raise StudyError(
            reason,
            file=place.name,
            advice="Try again, or put the file into the folder of this dataset under the folder "
            "that ATTUNEMENT_DATA names.",
        ) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if not existed and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return place
