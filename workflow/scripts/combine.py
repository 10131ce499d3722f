"""Carry the paths of the released folders to `attunement.report.combined_page.run`."""

import sys
from pathlib import Path

from attunement.cli.job import attend


def combine():
    """Combine what the datasets of this run released."""
    from attunement.report.combined_page import run

    folders = [Path(folder) for folder in snakemake.params.folders]
    run(folders, Path(snakemake.params.out))


done = attend(f"{'combined':<20} combine", Path(snakemake.log[0]), combine)
sys.exit(0 if done else 1)
