# Shared by all rules. The thinking is done in attunement.cli.dag; here it gets short names.
#
# Config reaches a stage as the path of config.yaml (a param, not an input: an input would run
# everything again after any edit) beside a fingerprint of the sections that the stage obeys
# (`settings`, a param): editing `release:` runs `release` and `report` again and fits nothing.
# The modules that a stage rests on are inputs, for Snakemake does not see edits of a package.

import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from attunement.cli.dag import Dag, settle_environment
from attunement.cli.locks import remember_process
from attunement.cli.paths import RESULTS
from attunement.cli.publish import publish
from attunement.study.layout import COMBINED, blinded_run
from attunement.study.layout import outputs as stage_outputs
from attunement.study.problems import StudyError

min_version("9.0")
settle_environment()
# Scripts fail where this path holds a space, unless it is quoted.
sys.executable = shlex.quote(sys.executable)

try:
    dag = Dag(config.get("datasets", ""))
except StudyError as error:
    raise WorkflowError(str(error))


wildcard_constraints:
    dataset="[a-z][a-z0-9_]*",
    notebook="[A-Za-z0-9_-]+",


def inputs(stage):
    """The inputs of a stage, by name, as a function of the dataset."""
    return lambda wildcards: dag.inputs(wildcards.dataset, stage)


def outputs(stage, without=()):
    """The outputs of a stage for any dataset, but those that the rule itself names."""
    names = [name for name in stage_outputs(stage) if name not in without]
    return [f"{RESULTS}/{{dataset}}/private/{stage}/{name}" for name in names]


def folder(stage):
    """The folder of a stage, as a function of the dataset."""
    return lambda wildcards: f"{RESULTS}/{wildcards.dataset}/private/{stage}"


def earlier(stage):
    """The folders of the tables that a stage is given, as a function of the dataset."""
    return lambda wildcards: dag.folders(wildcards.dataset, stage)
