"""The figures of the report: each from released tables, as SVG."""
