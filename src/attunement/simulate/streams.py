"""Random numbers by part and therapist, so that neither chunks nor other parts change them."""

from __future__ import annotations

import zlib

import numpy as np


class Streams:
    """Independent streams of random numbers, one for each part of a study and each therapist.

    Parameters
    ----------
    seed : int
        Seed of the study.
    first, count : int
        The therapists to generate: `first`, `first` + 1, ...; a therapist's numbers depend on the
        seed, the part and the therapist alone.
    """

    def __init__(self, seed: int, first: int, count: int) -> None:
        self.seed, self.first, self.count = seed, first, count

    def _generator(self, part: str, *place: int) -> np.random.Generator:
        key = (zlib.crc32(part.encode()), *place)
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key))
        )

    def per_therapist(self, part: str, *shape: int, normal: bool = True) -> np.ndarray:
        """Return numbers of the given shape for each therapist (standard normal, or uniform)."""
        generator = self._generator(part)
        size = (self.first + self.count, *shape)
        drawn = generator.standard_normal(size) if normal else generator.random(size)
        return drawn[self.first :]

    def caseloads(self, part: str) -> np.ndarray:
        """Return a standard normal for every therapist up to the last one of the chunk."""
        return self._generator(part).standard_normal(self.first + self.count)

    def normal(self, part: str, rows: np.ndarray, *shape: int) -> np.ndarray:
        """Return standard normals for `rows[t]` rows of each therapist t, one after another."""
        return self._rows(part, rows, shape, "standard_normal")

    def uniform(self, part: str, rows: np.ndarray, *shape: int) -> np.ndarray:
        """Return uniforms on [0, 1) for `rows[t]` rows of each therapist t, one after another."""
        return self._rows(part, rows, shape, "random")

    def _rows(self, part: str, rows: np.ndarray, shape: tuple[int, ...], draw: str) -> np.ndarray:
        pieces = [
            getattr(self._generator(part, self.first + place), draw)((int(count), *shape))
            for place, count in enumerate(rows)
        ]
        return np.concatenate(pieces) if pieces else np.empty((0, *shape))
