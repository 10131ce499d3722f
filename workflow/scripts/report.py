"""Carry the paths of one job to `attunement.report.run`."""

from pathlib import Path

from attunement.cli.job import carry_out

carry_out(
    snakemake,
    released=Path(snakemake.params.released),
    out=Path(snakemake.params.out),
    published=next((Path(file) for file in snakemake.input.published), None),
)
