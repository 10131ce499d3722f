rule release:
    input:
        unpack(inputs("release")),
    output:
        outputs("release", without=["estimates.csv"]),
        estimates=report(
            f"{RESULTS}/{{dataset}}/private/release/estimates.csv",
            caption="../report/estimates.rst",
            category="{dataset}",
            labels={"dataset": "{dataset}", "what": "estimates"},
        ),
    log:
        f"{RESULTS}/{{dataset}}/private/logs/release.log",
    conda:
        "../envs/attunement.yaml"
    params:
        config_file="config.yaml",
        settings=dag.settings("release"),
        instruments_folder="data/instruments",
        folders=earlier("release"),
        out=folder("release"),
    script:
        "../scripts/release.py"
