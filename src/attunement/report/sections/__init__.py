"""The sections of a page, in the order in which a reader asks."""
