rule score:
    input:
        unpack(inputs("score")),
    output:
        outputs("score"),
    log:
        f"{RESULTS}/{{dataset}}/private/logs/score.log",
    conda:
        "../envs/attunement.yaml"
    params:
        config_file="config.yaml",
        settings=dag.settings("score"),
        instruments_folder="data/instruments",
        folders=earlier("score"),
        out=folder("score"),
    script:
        "../scripts/score.py"
