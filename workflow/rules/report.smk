rule report:
    input:
        unpack(inputs("report")),
    output:
        page=report(
            f"{RESULTS}/{{dataset}}/private/report/index.html",
            caption="../report/page.rst",
            category="{dataset}",
            labels={"dataset": "{dataset}", "what": "report"},
        ),
        codebook=report(
            f"{RESULTS}/{{dataset}}/private/report/codebook.html",
            caption="../report/page.rst",
            category="{dataset}",
            labels={"dataset": "{dataset}", "what": "codebook"},
        ),
        figures=directory(f"{RESULTS}/{{dataset}}/private/report/figures"),
    log:
        f"{RESULTS}/{{dataset}}/private/logs/report.log",
    conda:
        "../envs/attunement.yaml"
    params:
        released=folder("release"),
        out=folder("report"),
    script:
        "../scripts/report.py"


rule notebook:
    input:
        notebook="notebooks/{notebook}.ipynb",
        read=lambda wildcards: dag.notebook_inputs(wildcards.notebook),
    output:
        executed=f"{RESULTS}/private/notebooks/{{notebook}}.ipynb",
        page=f"{RESULTS}/private/notebooks/{{notebook}}.html",
    log:
        f"{RESULTS}/private/logs/{{notebook}}.log",
    conda:
        "../envs/attunement.yaml"
    script:
        "../scripts/execute_notebook.py"


# In `rule all` only where a run has several datasets.
rule combine:
    input:
        **dag.combined_inputs(),
    output:
        [f"{RESULTS}/private/combined/{name}" for name in COMBINED],
    log:
        f"{RESULTS}/private/logs/combine.log",
    conda:
        "../envs/attunement.yaml"
    params:
        folders=[f"{RESULTS}/{name}/private/release" for name in dag.combined],
        out=lambda wildcards, output: str(Path(output[0]).parent),
    script:
        "../scripts/combine.py"
