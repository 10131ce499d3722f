"""The quick way through delimited text: for what is well formed, and for nothing else.

It answers with None wherever the slow way might say more (a quotation mark out of place, rows of
unequal length), so that both ways give the same table or the slow one the message.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd


def _well_quoted(content: bytes, delimiter: str) -> bool:
    """Every quotation mark belongs to a cell that is wholly in quotation marks."""
    if b'"' not in content:
        return True
    mark = re.escape(delimiter.encode())
    cell = rb"(?:(?<=[\r\n])|(?<=" + mark + rb')|\A)"(?:[^"]|"")*+"(?=[\r\n]|' + mark + rb"|\Z)"
    return b'"' not in re.sub(cell, b"", content)


def quick_columns(text: str, names: list[str], delimiter: str) -> pd.DataFrame | None:
    """Split the data rows of a text into columns of text, or None where that is not plain.

    Parameters
    ----------
    text : str
        The rows below the header.
    names : list of str
        The header; columns without a name are left out.
    delimiter : str
        One character.

    Returns
    -------
    DataFrame or None
        A row per record from 0 on, blank ones left out (the index keeps their places).
    """
    content = text.encode("utf-8", errors="surrogatepass").rstrip(b"\r\n")
    # A lone empty line in a table of one column is told from an empty cell the slow way alone.
    plain = len(names) > 1 and content and len(delimiter.encode()) == 1 and b"\0" not in content
    if not plain or not _well_quoted(content, delimiter):
        return None
    import pyarrow as pa
    from pyarrow import csv

    keys = [f"f{number}" for number in range(len(names))]
    try:
        table = csv.read_csv(
            pa.py_buffer(content),
            read_options=csv.ReadOptions(column_names=keys, block_size=1 << 24, use_threads=False),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=b'"' in content, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.large_string()),
                include_columns=keys,
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowException, ValueError):
        return None
    frame = pd.DataFrame(
        {name: table[key].to_pandas() for name, key in zip(names, keys, strict=True)
         if name}
    ).astype("str")  # fmt: skip
    blank = np.ones(len(table), dtype=bool)
    for key in keys:
        if not blank.any():
            break
        cells = table[key].to_pandas().astype("str")
        blank[blank] = (cells[blank].str.strip() == "").to_numpy(dtype=bool)
    return frame[~blank]
