r"""What a place smaller than a state looks like: streets, postcodes, coordinates."""

from __future__ import annotations

from attunement.ingest.privacy.identifiers import checks
from attunement.ingest.privacy.identifiers.shapes import Pattern

STREETS = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Boulevard|Blvd|Close|Crescent|Court|Terrace|Way"
)

PLACES: tuple[Pattern, ...] = (
    Pattern("geography", r"(?i)\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", 2, " "),
    Pattern("geography", r"\b[A-Z]\d[A-Z][ -]\d[A-Z]\d\b", 3, "[ -]"),
    Pattern("geography", r"^[A-Z]{1,2}\d{1,2}[A-Z]?\d[A-Z]{2}$", 2, "^.{6,}$", is_number=True),
    Pattern("geography", r"^\d{4}[A-Z]{2}$", 4, is_number=True),
    Pattern(
        "geography", r"(?i)\b(P\.? ?O\.? ?Box|Postfach|Postbus|Apartado|Casella postale) \d", 1
    ),
    Pattern(
        "geography",
        r"^(Am|An der|Auf der|Auf dem|Im|In der|In den|Unter den|Zum|Zur|Hinter dem|Vor dem) "
        r"\p{L}+( \p{L}+)? \d{1,4} ?[a-z]?$",
        1,
        " ",
    ),
    Pattern("geography", r"^\d{4} [A-Z]{2}$", 4, " "),
    Pattern("geography", r"^\d{4} ?[a-z]{2}$", 4, "", checks.no_unit, True, True),
    Pattern("geography", r"^\d{3} \d{2}$", 5, " ", None, True, True),
    Pattern(
        "geography",
        r"^([A-Z]{1,3}-)\d{4,5}$",
        4,
        "^(A|B|CH|D|DK|E|F|FR|I|L|NL|S|SE)-",
        None,
        True,
        True,
    ),
    Pattern(
        "geography",
        r"(?i)\b(Flat|Studio|Unit|Apt|Apartment|Suite|Wohnung)\.? \d+[a-z]?\b[, \n]+\p{L}",
        1,
        " ",
    ),
    Pattern(
        "geography",
        r"\p{Lu}\p{Ll}{2,}(ring|damm|ufer|steig|stieg|hof|graben|markt|wall|chaussee|pfad|baan|dreef|kade|"
        r"singel|gracht|dijk|steeg|gränd|stigen|väg|torg|torget) \d{1,4} ?[a-z]?$",
        1,
        " ",
        one_each=True,
    ),
    Pattern(
        "geography",
        r"^\p{Lu}[\p{L} -]{2,}(gatan|vägen|gränd|stigen|straße|strasse|str\.|gasse|straat)$",
    ),
    Pattern("geography", r"^\d{5}-\d{4}$", 9, "-"),
    Pattern("geography", r"^\d{5} \p{Lu}[\p{L} -]+$", 5, " "),
    Pattern(
        "geography", rf"\b\d{{1,5}}[A-Za-z]? (\p{{Lu}}[\p{{L}}'-]+ ){{1,3}}({STREETS})\b", 1, " "
    ),
    Pattern(
        "geography",
        r"(?i)[\p{L}-]*[ -]?(straße|strasse|str\.|weg|platz|allee|gasse|straat|laan|plein|gatan|"
        r"vägen|gata|veien|vej|gade|katu) \d{1,4} ?[a-z]?\b",
        1,
        " ",
    ),
    Pattern(
        "geography", r"(?i)\b\d{1,4},? (rue|avenue|boulevard|place|chemin|impasse) \p{L}", 1, " "
    ),
    Pattern(
        "geography",
        r"(\bC/ ?|\b(Calle|Callejón|Callejon|Camino|Pasaje|Ronda|Travesía|Glorieta|Cuesta|Avenida|"
        r"Avda\.|Plaza|Paseo|Via|Viale|Piazza|Corso|Rua) )[\p{L} .']+,? ?"
        r"(n\.? ?)?\d{1,4}\b",
        1,
        " ",
    ),
    Pattern("geography", r"^-?\d{1,2}\.\d{4,}, ?-?\d{1,3}\.\d{4,}$", 8, ","),
    Pattern(
        "geography",
        r"(?i)(^|[^\p{L}])[NSEWO] ?\d{1,3}([.,]\d+)? ?[°º]|\d ?[°º] ?(\d{1,2}([^\d]|$)|[NSEWO]\b)",
        2,
        "[°º]",
    ),
    Pattern("geography", r"^[NSEWO] ?\d{1,3} \d{1,2}[., ]\d+", 5, "^[NSEWO]"),
    Pattern("geography", r"^-?\d{1,2}[.,]\d{4,}[;/ ]+-?\d{1,3}[.,]\d{4,}$", 8, "[;/ ]"),
    Pattern("geography", r"^-?\d{1,2}\.\d{3,} ?[NS]\b", 5, "[NS]"),
    Pattern("geography", r"^[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}\b", 1, r"\+"),
)
