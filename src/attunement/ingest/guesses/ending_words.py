"""What a phrase about an ending means: who ended it and whether it was early outweigh its words.

`Termination of treatment earlier than care professional planned` holds the word of an ending as
planned and says the opposite. What a phrase leaves open has no meaning here and is asked.
"""

from __future__ import annotations

import re

from attunement.ingest.guesses import words as lexicon
from attunement.ingest.guesses.names import plain, words
from attunement.ingest.guesses.values import meaning_of

_SERVICE = set(
    "service clinic klinik praxis ambulanz institution provider organisation organization team "
    "professional instelling praktijk kliniek servicio clinica centro institut centre".split()
)
_THEIRS = lexicon.THERAPIST | _SERVICE
_THERAPIST = {one for one in _THEIRS if len(one) > 4}
_CLIENT = {one for one in lexicon.CLIENT if len(one) > 4} - {"record", "subject", "person"}
_BY = set("by durch door par por von vom seitens bei da dal dalla".split())
_BETWEEN = set("the der die das den dem de la le el il lo behalf of own care in innen seiten "
               "del".split())  # fmt: skip
_EARLY = set(
    "early earlier before sooner prior prematurely premature unscheduled termination terminated "
    "vorzeitig vorzeitige vor voor vroegtijdig voortijdig avant antes prima anticipada anticipe "
    "prematuro prematura".split()
)
# An agreed or planned termination is an ending as planned.
_PLAINLY_AGREED = set("planned agreed mutual mutually regular of treatment therapy by agreement "
                      "the termination and".split())  # fmt: skip
_AGREED = set("agreement agreed mutual mutually absprache einvernehmen einverstandnis overleg "
              "acuerdo accord accordo".split())  # fmt: skip
_WITHOUT = set("without ohne zonder sin sans senza no not keine".split())
_LEFT = lexicon.ENDINGS["dropped_out"] | set("not nicht niet no non".split())
_STOPPED = set("ended terminated termination beendet beendigung discontinued stopped termine "
               "terminado beeindigd beeindiging discharged".split())  # fmt: skip
_PLANNED = set("planned intended scheduled recommended expected advised agreed".split())
_WANTED = set("requested wanted wished".split())
_EARLIER_THAN = re.compile(r"\b(?:earlier than|before|sooner than)\s+(?:the )?(.+)")
# The client was not, or not yet, in treatment: whether that is a dropout is for people to say.
_NO_TREATMENT = re.compile(
    r"not taken on|not suitable|unsuitable|declined|not assessed|incomplete assessment|not seen|"
    r"in advance of|before (?:treatment|therapy|assessment|start)|never (?:started|began|attended)|"
    r"advice and support|nicht geeignet|nicht angetreten|vor (?:therapie|behandlungs?)beginn"
)
_DECEASED = re.compile(r"\b(?:deceased|died|verstorben|overleden|fallecid[oa]|decede)")
_NOT_KNOWN = re.compile(r"^(?:reason )?(?:not known|not stated|nicht bekannt|niet bekend)\b")


def ending_word(text: str) -> str | None:
    """The word of the vocabulary that a phrase about an ending means; None where it leaves it open.

    Parameters
    ----------
    text : a cell, or the label of a code.
    """
    whole = plain(text)
    if _DECEASED.search(whole):
        return "other"
    if _NOT_KNOWN.search(whole):
        return "unknown"
    if _NO_TREATMENT.search(whole):
        return None
    if (earlier := _EARLIER_THAN.search(whole)) is not None:
        return _earlier_than(set(words(earlier.group(1))))
    said = words(text)
    referred = set(said) & lexicon.ENDINGS["referred"] and not set(said) & _LEFT
    # Where to, and by whose agreement, is no ending of its own beside a referral.
    meaning = "referred" if referred else _agreed_beside(said, meaning_of(text, lexicon.ENDINGS))
    by = _ended_by(said)
    if by == {"therapist"} and (meaning == "dropped_out" or (meaning is None and _stopped(said))):
        return "other"  # the client did not leave: the treatment was ended
    if by and meaning == "completed":
        return None
    if len(by) > 1 and meaning == "dropped_out":
        return None
    if meaning == "completed" and set(said) & _EARLY and not set(said) <= _PLAINLY_AGREED:
        return None
    return meaning


def ended_by_the_service(text: str) -> bool:
    """It was the therapist or the service who ended it, not the client."""
    some = set(words(text))
    return ending_word(text) == "other" and bool(some & (_THERAPIST | _WANTED))


def _earlier_than(after: set[str]) -> str | None:
    """Earlier than the professional planned, the client left; than the client wished, not."""
    if after & _THERAPIST and after & _PLANNED:
        return "dropped_out"
    if after & _CLIENT and after & _WANTED:
        return "other"
    return None


def _agreed_beside(said: list[str], meaning: str | None) -> str | None:
    """Agreement beside the word of a dropout is asked about, but `ohne Absprache` is one."""
    agreed = set(said) & _AGREED and not set(said) & _WITHOUT
    return None if agreed and meaning == "dropped_out" else meaning


def _stopped(said: list[str]) -> bool:
    return bool(set(said) & _STOPPED)


def _ended_by(said: list[str]) -> set[str]:
    """Who is named after by, durch, door, ...: the client, the therapist (or service), or both."""
    found: set[str] = set()
    for at, word in enumerate(said):
        if word not in _BY:
            continue
        rest = [one for one in said[at + 1 :] if one not in _BETWEEN][:4]
        for place, one in enumerate(rest):
            if one in _THERAPIST:
                found.add("therapist")
            elif one in _CLIENT:
                found.add("client")
            elif place == 0:
                break
    return found
