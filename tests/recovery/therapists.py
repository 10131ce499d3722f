"""How often responsiveness and learning from clients are found, where they are and where not.

    python tests/recovery/therapists.py

writes `docs/therapists.csv`: what two analyses find in simulated studies of the example's size, one
row for each study and coefficient; `docs/therapists.md` tells the shares. Two cores, 100 seconds.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from attunement.accommodate.preferences import preferences as scored_preferences
from attunement.model import analyse
from attunement.score.expected import Outcome, expect, later_scores
from attunement.score.flags import flags_table, not_on_track
from attunement.simulate import Study, World, load_world, simulate
from attunement.simulate.measures import ITEMS_OF_DIMENSION, cnip, ors, style
from attunement.simulate.parameters import DIMENSIONS

ROOT = Path(__file__).parents[2]
