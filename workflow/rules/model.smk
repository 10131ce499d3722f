rule model:
    input:
        unpack(inputs("model")),
    output:
        outputs("model"),
    log:
        f"{RESULTS}/{{dataset}}/private/logs/model.log",
    conda:
        "../envs/attunement.yaml"
    params:
        config_file="config.yaml",
        settings=dag.settings("model"),
        instruments_folder="data/instruments",
        folders=earlier("model"),
        out=folder("model"),
    script:
        "../scripts/model.py"
