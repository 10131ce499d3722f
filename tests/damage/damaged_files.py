"""Files that are cut off, empty, absent, of another type or in another encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from damages import Damage, edit

FILE_OF = {
    "comma": "visits.csv",
    "semicolon": "visits.csv",
    "workbook": "clinic.xlsx",
    "spss": "visits.sav",
    "stata": "visits.dta",
    "parquet": "visits.parquet",
    "wide": "wide.csv",
}


def _cut_in_a_row(share: float) -> Callable[[bytes], bytes]:
    """Cut text after the second cell of a row."""

    def cut(content: bytes) -> bytes:
        start = content.index(b"\n", int(len(content) * share)) + 1
        return content[: start + 7]

    return cut


def files() -> Iterator[Damage]:
    """Files that are cut off, empty, absent, of another type or in another encoding."""
    for layout, file in FILE_OF.items():
        binary = layout in ("workbook", "spss", "stata", "parquet")
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            cut = (
                (lambda b, share=share: b[: int(len(b) * share)])
                if binary
                else (
                    _cut_in_a_row(share)
                    if layout != "wide"
                    else lambda b, share=share: b[
                        : int((b.index(b"\n") + 1) + share * (len(b) - b.index(b"\n") - 9))
                    ]
                )
            )
            yield Damage(
                f"cut off after {share:.0%}, {layout}", "refused", layout, after=edit(file, cut)
            )
        yield Damage(f"empty file, {layout}", "refused", layout, after=edit(file, lambda b: b""))
        yield Damage(
            f"no file, {layout}",
            "refused",
            layout,
            after=lambda folder, file=file: (folder / file).unlink(),
        )
        yield Damage(
            f"a folder in its place, {layout}",
            "refused",
            layout,
            after=lambda folder, file=file: _folder(folder / file),
        )
        yield Damage(
            f"zeros, {layout}", "refused", layout, after=edit(file, lambda b: b"\0" * len(b))
        )
        yield Damage(
            f"a page of a website, {layout}",
            "refused",
            layout,
            after=edit(file, lambda b: b"<!DOCTYPE html>\n<html><p>Log in</p></html>"),
        )
        if binary:
            yield Damage(
                f"text behind the ending, {layout}",
                "refused",
                layout,
                after=edit(file, lambda b: b"id,visit\nA01,0\n"),
            )
        else:
            for other, start in (
                ("workbook", b"PK\x03\x04"),
                ("spss", b"$FL2@(#)"),
                ("parquet", b"PAR1"),
            ):
                yield Damage(
                    f"a file of {other} behind the ending, {layout}",
                    "refused",
                    layout,
                    after=edit(file, lambda b, start=start: start + bytes(range(256))),
                )
            yield Damage(
                f"a header and no rows, {layout}",
                "refused",
                layout,
                after=edit(file, lambda b: b[: b.index(b"\n") + 1]),
            )
            yield Damage(
                f"a quotation mark that is not closed, {layout}",
                "refused",
                layout,
                after=edit(file, lambda b: b.replace(b"A01", b'"A01', 1)),
            )
            yield Damage(
                f"a row with one cell more, {layout}",
                "refused",
                layout,
                after=edit(file, lambda b: _row(b, 4, lambda r, d: r + d + b"1")),
            )
            yield Damage(
                f"a row with one cell less, {layout}",
                "refused",
                layout,
                after=edit(file, lambda b: _row(b, 4, lambda r, d: r.rpartition(d)[0])),
            )
            yield Damage(
                f"blank rows at the end, {layout}",
                "same",
                layout,
                after=edit(file, lambda b: b.rstrip() + b"\n\n\n"),
            )
            yield Damage(
                f"a column named twice, {layout}", "refused", layout, after=edit(file, _named_twice)
            )
            yield Damage(
                f"another line end, {layout}",
                "same",
                layout,
                after=edit(file, lambda b: b.replace(b"\r", b"").replace(b"\n", b"\r\n")),
            )
            yield Damage(
                f"another delimiter, {layout}",
                "refused",
                layout,
                after=edit(file, lambda b: b.replace(b",", b"\t").replace(b";", b"\t")),
            )
    yield from _encodings()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _row(content: bytes, number: int, change: Callable[[bytes, bytes], bytes]) -> bytes:
    lines = content.replace(b"\r", b"").split(b"\n")
    delimiter = b";" if b";" in lines[0] else b","
    lines[number] = change(lines[number], delimiter)
    return b"\n".join(lines)


def _named_twice(content: bytes) -> bytes:
    return _row(content, 0, lambda row, mark: row.replace(row.split(mark)[3], row.split(mark)[2]))


def _encodings() -> Iterator[Damage]:
    text = "visits.csv"

    def written(encoding: str) -> Callable[[bytes], bytes]:
        return lambda b: b.decode().encode(encoding)

    yield Damage("a byte-order mark", "same", after=edit(text, written("utf-8-sig")))
    for encoding in ("utf-16", "utf-16-le", "utf-32", "cp037"):
        yield Damage(f"in {encoding}, not declared", "refused", after=edit(text, written(encoding)))
    for declared in ("utf-16", "utf-32", "rot13", "base64", "klingon", "idna", ""):
        yield Damage(
            f"declared as {declared!r}, in fact UTF-8",
            "refused",
            before=lambda clinic: None,
            after=_declare_encoding(declared),
        )
    for byte in (b"\xe4", b"\xff", b"\x80", b"\xc3"):
        yield Damage(
            f"the byte {byte.hex()}",
            "refused",
            after=edit(text, lambda b, byte=byte: b.replace(b"A01", b"A" + byte, 1)),
        )
    yield Damage(
        "a zero byte in a cell",
        "refused or listed",
        after=edit(text, lambda b: b.replace(b"A01", b"A\x0001", 1)),
    )


def _declare_encoding(encoding: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        path = folder / "dataset.yaml"
        text = path.read_text("utf-8").replace(
            "path: visits.csv", f"path: visits.csv\n    encoding: '{encoding}'"
        )
        path.write_text(text, encoding="utf-8")

    return act
