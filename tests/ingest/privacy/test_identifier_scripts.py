"""Names of staff in other scripts, which several clients share; answers in these languages."""

import pandas as pd
import pytest

from attunement.ingest.privacy.identifiers import look

NAMES = {
    "Cyrillic": ["Олена Шевченко", "Дмитро Коваленко", "Ірина Бондар"],
    "Cyrillic alone": ["Елена", "Сергей", "Наталья", "Ольга"],
    "Arabic": ["محمد", "فاطمة", "خالد", "عائشة"],
    "Armenian": ["Արմեն Պետրոսյան", "Անի Գրիգորյան"],
    "Georgian": ["გიორგი ბერიძე", "ნინო კაპანაძე"],
    "Hebrew": ["דוד", "שרה", "רחל"],
}
ANSWERS = {
    "Russian": ["ни разу", "несколько дней", "почти каждый день"],
    "Russian words": ["Надежда", "Вера", "Любовь", "Роман"],
    "Ukrainian": ["Жодного разу", "Кілька днів", "Майже щодня"],
    "Arabic": ["أبدا", "عدة أيام", "كل يوم تقريبا"],
    "Georgian": ["არასოდეს", "რამდენიმე დღე", "თითქმის ყოველდღე"],
    "Hebrew": ["בכלל לא", "מספר ימים", "כמעט כל יום"],
    "Armenian": ["Երբեք", "Մի քանի օր", "Գրեթե ամեն օր"],
    "Chinese": ["完全没有", "几天", "几乎每天"],
}


def _kinds(words: list[str]) -> list[str]:
    rows = [words[k % len(words)] for k in range(300)]
    table = pd.DataFrame({"client": [f"C{k:03d}" for k in range(300)], "q17": rows})
    return [one.kind for one in look(table, {"client": "id"}, "client")]


@pytest.mark.parametrize("script", NAMES)
def test_names_that_many_clients_share_are_found(script: str) -> None:
    assert _kinds(NAMES[script]) == ["name"]


@pytest.mark.parametrize("language", ANSWERS)
def test_answers_are_no_names(language: str) -> None:
    assert _kinds(ANSWERS[language]) == []
