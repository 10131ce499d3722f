"""What dataset.yaml may say of change, and what it is told."""

import pytest
from pydantic import ValidationError

from attunement.study.change_rules import ChangeRule


def test_nothing_said_is_the_published_cutoff() -> None:
    rule = ChangeRule()
    assert (rule.cutoff, rule.functional, rule.nhs_with) == ("published", None, "gad7.total")


@pytest.mark.parametrize("cutoff", ["b", "c"])
def test_b_and_c_need_norms(cutoff: str) -> None:
    with pytest.raises(ValidationError, match=f"cut-off {cutoff} needs norms") as caught:
        ChangeRule.model_validate({"cutoff": cutoff})
    assert "choose 'published' or 'a'" in str(caught.value)


@pytest.mark.parametrize(
    ("norms", "message"),
    [
        ({"mean": 5, "sd": 0, "source": "a paper"}, "greater than 0"),
        ({"mean": 5, "sd": 2}, "Field required"),
        ({"mean": 5, "sd": 2, "source": ""}, "at least 4 characters"),
        ({"mean": 5, "sd": 2, "source": "a paper", "n": 3}, "unknown key 'n'"),
    ],
)
def test_norms_are_checked(norms: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ChangeRule.model_validate({"cutoff": "c", "functional": norms})
