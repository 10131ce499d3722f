"""Clients most worth learning from stay inside, whatever a dataset declares."""

import pandas as pd
import pytest

from attunement.release import candidates
from attunement.release.gate import gate
from attunement.study.contracts import conform


@pytest.mark.parametrize("declared", ["confidential", "public", "simulated"])
def test_neither_table_nor_client_passes_the_gate(
    tables, dataset, instruments, disclosure, declared
) -> None:
    listed = pd.DataFrame(
        {"client": ["zq-one", "zq-two"], "therapist": ["zq-t", "zq-t"], "moved": [0.7654321, 0.2]}
    )
    private = {"learning_clients": conform(listed, "learning_clients")}
    found = candidates(tables | private, dataset, instruments)
    assert "learning_clients" not in found
    released, decisions = gate(found, declared, disclosure)
    assert "learning_clients" not in released
    for name, table in (released | {"decisions": decisions}).items():
        text = table.to_csv()
        assert "zq-" not in text and "0.7654321" not in text, name
