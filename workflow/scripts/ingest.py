"""Carry the paths of one job to `attunement.ingest.run`."""

from pathlib import Path

from attunement.cli.job import carry_out

carry_out(
    snakemake,
    dataset_file=Path(snakemake.input.dataset_file),
    instruments_folder=Path(snakemake.params.instruments_folder),
    out=Path(snakemake.params.out),
)
