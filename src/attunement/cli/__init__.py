"""The command line: what a person types and what the workflow calls; it stands above all stages."""
