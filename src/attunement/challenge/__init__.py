"""The challenge stage: would another reasonable analyst conclude the same?"""

from attunement.challenge.leave_one_out import leave_one_therapist_out
from attunement.challenge.stage import run

__all__ = ["leave_one_therapist_out", "run"]
