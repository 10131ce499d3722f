"""Carry the paths of one job to `attunement.cli.notebook.execute`."""

import sys
from pathlib import Path

from attunement.cli.job import attend
from attunement.cli.notebook import execute

done = attend(
    f"{'notebook':<20} {snakemake.wildcards.notebook}",
    Path(snakemake.log[0]),
    lambda: execute(
        Path(snakemake.input.notebook),
        Path(snakemake.output.executed),
        Path(snakemake.output.page),
    ),
)
sys.exit(0 if done else 1)
