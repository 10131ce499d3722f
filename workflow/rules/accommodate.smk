rule accommodate:
    input:
        unpack(inputs("accommodate")),
    output:
        outputs("accommodate"),
    log:
        f"{RESULTS}/{{dataset}}/private/logs/accommodate.log",
    conda:
        "../envs/attunement.yaml"
    params:
        config_file="config.yaml",
        settings=dag.settings("accommodate"),
        instruments_folder="data/instruments",
        folders=earlier("accommodate"),
        out=folder("accommodate"),
        blinded=blinded_run(),
    script:
        "../scripts/accommodate.py"
