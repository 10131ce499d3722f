# From the data to a report: ingest, score, accommodate, model, challenge, release, report.
# `attunement run` (or `make`) runs it and says what happened in plain words; `snakemake -c2` does too.


include: "workflow/rules/common.smk"


report: "workflow/report/workflow.rst"


# Every output of every stage of every dataset: a failed stage must not hide behind a later
# stage's outputs of an earlier run.
rule all:
    default_target: True
    input:
        dag.targets(),


include: "workflow/rules/ingest.smk"
include: "workflow/rules/score.smk"
include: "workflow/rules/accommodate.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/challenge.smk"
include: "workflow/rules/release.smk"
include: "workflow/rules/report.smk"


onstart:
    remember_process(Path())


onsuccess:
    publish(Path(), dag.datasets)
