"""Files of any known format as cells: one reader for each, then stacked and joined as declared."""
