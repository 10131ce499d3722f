rule challenge:
    input:
        unpack(inputs("challenge")),
    output:
        outputs("challenge"),
    log:
        f"{RESULTS}/{{dataset}}/private/logs/challenge.log",
    conda:
        "../envs/attunement.yaml"
    params:
        config_file="config.yaml",
        settings=dag.settings("challenge"),
        instruments_folder="data/instruments",
        folders=earlier("challenge"),
        out=folder("challenge"),
    script:
        "../scripts/challenge.py"
