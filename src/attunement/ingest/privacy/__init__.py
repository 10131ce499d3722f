"""The door: identifiers are refused, ids become pseudonyms, ages are pooled, the rare counted."""
