"""Studies with known truth."""

from attunement.simulate.derive import derive
from attunement.simulate.export import sources, write
from attunement.simulate.study import Study, simulate
from attunement.simulate.truth import write_section, write_truth
from attunement.simulate.world import World, load_world

__all__ = [
    "Study",
    "World",
    "derive",
    "load_world",
    "simulate",
    "sources",
    "write",
    "write_section",
    "write_truth",
]
