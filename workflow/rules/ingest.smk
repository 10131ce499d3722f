rule ingest:
    input:
        unpack(inputs("ingest")),
    output:
        outputs("ingest"),
    log:
        f"{RESULTS}/{{dataset}}/private/logs/ingest.log",
    conda:
        "../envs/attunement.yaml"
    params:
        instruments_folder="data/instruments",
        out=folder("ingest"),
    script:
        "../scripts/ingest.py"
