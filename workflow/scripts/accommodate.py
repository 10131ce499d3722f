"""Carry the paths of one job to `attunement.accommodate.run`."""

from pathlib import Path

from attunement.cli.job import carry_out

carry_out(
    snakemake,
    config_file=Path(snakemake.params.config_file),
    dataset_file=Path(snakemake.input.dataset_file),
    instruments_folder=Path(snakemake.params.instruments_folder),
    folders=[Path(folder) for folder in snakemake.params.folders],
    out=Path(snakemake.params.out),
    blinded=bool(snakemake.params.blinded),
)
