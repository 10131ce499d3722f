r"""What an identifier looks like: one pattern for each form, in the syntax of RE2."""

from __future__ import annotations

from collections.abc import Callable

from attunement.ingest.privacy.identifiers import checks
from attunement.ingest.privacy.identifiers.places import PLACES
from attunement.ingest.privacy.identifiers.shapes import Pattern
from attunement.ingest.privacy.identifiers.work import WORK

NATIONAL: tuple[tuple[str, int, Callable[[str], bool] | None], ...] = (
    (r"\b\d{3}[- ]\d{2}[- ]\d{4}\b", 9, checks.ssn),
    (r"^\d{3}[ -]?\d{3}[ -]?\d{4}$", 10, checks.nhs),
    (r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", 6, None),
    (r"^\d{9}$", 9, checks.bsn),
    (r"^\d{2} ?\d{3} ?\d{3} ?\d{3}$", 11, checks.german_tax),
    (r"\b\d{2} ?(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{2} ?[A-Z] ?\d{3}\b", 11, None),
    (r"^(19|20)?\d{6}[-+]?\d{4}$", 10, checks.personnummer),
    (r"^\d{6}[-+]\d{4}$", 10, checks.born),
    (r"^\d{6} ?\d{5}$", 11, checks.norwegian),
    (r"^\d{6}[-+A]\d{3}[0-9A-Y]$", 9, checks.hetu),
    (r"^([XYZ]-?\d{7}|\d{8})-?[A-Z]$", 7, checks.dni),
    (r"\b[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b", 7, None),
    (r"^[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}$", 15, checks.nir),
    (r"^\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}$", 11, checks.belgian),
    (r"^\d{11}$", 11, checks.pesel),
    (r"^\d{3}[- ]\d{3}[- ]\d{3}$", 9, checks.luhn),
    (r"(^|[^A-Z])[A-Z]{1,2}\d{6} ?\([0-9A]\)", 6, None),
    (r"(^|[^\d.])\d{3}\.\d{3}\.\d{3}-\d{2}($|\D)", 11, checks.cpf),
    (r"\b756\.?\d{4}\.?\d{4}\.?\d{2}\b", 13, checks.ahv),
)
PATTERNS: tuple[Pattern, ...] = (
    Pattern("date", r"^1[0-4]\d{9}$", 11, "", checks.whole_days, is_number=True),
    Pattern("date", r"^-?\d{7,10}$", 7, "", checks.midnight, True, True),
    Pattern("date", r"^-?\d{10,13}$", 10, "", checks.midnight_in_milliseconds, True, True),
    Pattern("date", r"^\d{8,10}[.,]\d{3,}$", 11, "[.,]", is_number=True, one_each=True),
    Pattern("email", r"[\p{L}0-9._%+'-]+@[\p{L}0-9-]+(\.[\p{L}0-9-]+)*\.\p{L}{2,}", needs="@"),
    Pattern("email", r"^\S+ ?@ ?[\p{L}0-9.-]+\.\p{L}{2,}$|^[^\s@]+@[\p{L}0-9.-]{3,}$", needs="@"),
    Pattern(
        "email",
        r"(?i)[\p{L}0-9._%+-]+ ?([\[({<_*|] ?(at|ät|a|chez|bei|arroba|affe|@) ?[\])}>_*|]|@) ?"
        r"[\p{L}0-9-]+( ?(\.|[\[({<_]? ?(dot|punkt|point|punto|punt) ?[\])}>_]?) ?[\p{L}0-9-]+)+",
        needs=r"@|[\[({<_*|] ?(?i:at|ät|a|chez|bei|arroba|affe)",
    ),
    Pattern(
        "email",
        r"(?i)[\p{L}0-9._%+-]+ (at|ät|arroba|chez) [\p{L}0-9-]+"
        r"( ?\.| (dot|punkt|point|punto|punt)) ?"
        r"(com|org|net|de|uk|co|nl|fr|es|it|eu|info|ca|be|at|ch|se|us|ie|dk|no|fi|pl)\b",
        needs=r"(?i) (at|ät|arroba|chez) ",
    ),
    Pattern("name", r"^(\p{Lu}\. ?){2,3}$", 0, r"\.", checks.initials, one_each=True),
    Pattern(
        "vehicle",
        r"^[A-ZÄÖÜ]{1,3}( ?[-:]|  ?)[A-ZÄÖÜ]{1,2}[-: ]?\d{2,4}[EH]?$",
        2,
        "[-: ]",
        checks.plate,
        one_each=True,
    ),
    Pattern(
        "vehicle",
        r"^[A-Z]{2}[- ]\d{3}[- ][A-Z]{2}$|^\d{4}[- ]?[B-DF-HJ-NPR-TV-Z]{3}$",
        3,
        is_number=True,
        one_each=True,
    ),
    Pattern("url", r"(?i)\b(https?://|ftp://|www\.)\S+", needs=r"(?i)://|www\."),
    Pattern(
        "url",
        r"(?i)\b[a-z0-9-]+\.(com|org|net|de|uk|nl|eu|at|ch|fr|es|it|se|no|dk|io|me|info)/\S*",
        needs="/",
    ),
    Pattern(
        "url",
        r"(?i)^[a-z0-9-]{3,}\.(com|org|net|de|co\.uk|nl|fr|es|it|eu|info|blog|ca|be|at|ch|se|us|ie|app|"
        r"online|site)$",
        0,
        r"\.",
    ),
    Pattern("url", r"(?i)^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}/\S+$", needs="/"),
    Pattern("url", r"(?i)^([a-z0-9-]+\.)+(com|org|net|blog|info|io)$", needs=r"\."),
    Pattern(
        "ip address",
        r"(^|[^\d.])((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)($|[^\d.])",
        digits=4,
    ),
    Pattern(
        "ip address", r"^\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*(%\w+)?\]?$", 0, ":", checks.ip
    ),
    Pattern("ip address", r"\b([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b", needs=":"),
    Pattern("device", r"\b([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b", needs="[:-]"),
    Pattern(
        "device", r"\b[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", 0, "-", is_number=True
    ),
    Pattern("device", r"^\d{2}-?\d{6}-?\d{6}-?\d$", 15, "", checks.luhn, is_number=True),
    Pattern(
        "device",
        r"(?i)^(SN|S/N|serial|IMEI|DEV)[-_:# ]*[A-Z0-9-]*\d{3}",
        3,
        "[A-Za-z]",
        is_number=True,
    ),
    Pattern(
        "account number",
        r"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?\b",
        9,
        "",
        checks.iban,
    ),
    Pattern(
        "account number",
        r"^[A-Z]{4}(DE|GB|NL|ES|FR|SE|US|AT|CH|IT|BE|DK|NO|FI|PL|IE|LU|PT)[A-Z0-9]{2}([A-Z0-9]{3})?$",
        0,
        "^(.{8}|.{11})$",
        checks.bic,
        one_each=True,
    ),
    Pattern("account number", r"^(\d[ -]?){12,18}\d$", 13, "", checks.card),
    Pattern(
        "account number",
        r"(?i)^(ACC|ACCT|ACCOUNT|KTO|INV)[-_:# ]*[A-Z0-9-]*\d{4}",
        4,
        "[A-Za-z]",
        is_number=True,
    ),
    Pattern("health plan number", r"^[A-Z]\d{9}$", 9, "[A-Z]", checks.kvnr),
    Pattern(
        "health plan number",
        r"^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?"
        r"[AC-HJKMNP-RT-Y]{2}\d{2}$",
        5,
        "[A-Z]",
    ),
    Pattern(
        "health plan number",
        r"(?i)^(HP|HPN|INS|POL|POLICY|MEMBER|MBR|PLAN)[-_:# ]*[A-Z0-9-]*\d{4}",
        4,
        "[A-Za-z]",
        is_number=True,
    ),
    Pattern(
        "medical record number",
        r"(?i)^(MRN|MR|HOSP|EHR|EMR|KIS|CHART|RECORD)[-_:# ]*[A-Z0-9-]*\d{4}",
        4,
        "[A-Za-z]",
        is_number=True,
    ),
    Pattern(
        "certificate or licence number",
        r"(?i)^(LIC|LICENCE|LICENSE|CERT|DL|PERMIT|REG)[-_:# ]*[A-Z0-9-]*\d{4}",
        4,
        "[A-Za-z]",
        is_number=True,
    ),
    Pattern("certificate or licence number", r"^[A-Z9]{5}\d{6}[A-Z9]{2}[0-9A-Z]{3}$", 6, "[A-Z]"),
    Pattern("vehicle", r"^[A-HJ-NPR-Z0-9]{9,13}[A-HJ-NPR-Z][A-HJ-NPR-Z0-9]*\d{4}$", 4, "^.{17}$"),
    Pattern("vehicle", r"^[A-ZÄÖÜ]{1,3}[- ][A-ZÄÖÜ]{1,2} \d{1,4}[EH]?$", 1, " "),
    Pattern("vehicle", r"^[A-ZÄÖÜ]{1,3}-[A-ZÄÖÜ]{1,2} ?\d{1,4}[EH]?$", 1, "-", is_number=True),
    Pattern("vehicle", r"^[A-Z]{2}-\d{2,3}-[A-Z]{2}$", 2, "-", is_number=True),
    Pattern("vehicle", r"^[A-Z]{2}\d{2} ?[A-Z]{3}$", 2, "[A-Z]", is_number=True),
    Pattern("vehicle", r"^[A-ZÄÖÜ]{1,3}-[A-ZÄÖÜ]{1,2}-\d{1,4}[EH]?$", 1, "-", None, True, True),
    Pattern("vehicle", r"^[A-Z]{1,2}-\d{2,3}-[A-Z]{1,2}$", 2, "-", None, True, True),
    Pattern("vehicle", r"^\d{1,2}-[A-Z]{2,3}-\d{1,2}$", 2, "-", None, True, True),
    Pattern("vehicle", r"^\d{4}[ -]?[BCDFGHJ-NPR-TV-Z]{3}$", 4, "[A-Z]", None, True, True),
    Pattern("vehicle", r"^[A-HJ-PR-UW-Z]{3} ?\d{2}[0-9A-Z]$", 2, "[A-Z]", None, True, True),
    Pattern(
        "vehicle",
        r"^[A-Z]{3}[- ]\d{3,4}$|^\d{1,3}[A-Z]{1,3}[- ]\d{3}$",
        3,
        "[A-Z]",
        None,
        True,
        True,
    ),
    Pattern("phone", r"(^|[^\d+])(\+|00)[1-9]\d{0,2}[ ./()-]*(\d[ ./()-]{0,3}){7,12}", 9, r"\+|00"),
    Pattern("phone", r"^\(?0[1-9]?\d{0,4}\)?[ /.-]{0,3}\d([ ./-]{0,2}\d){5,10}$", 9, "[ /.()-]"),
    Pattern("phone", r"^0[1-9]\d{7,9}$", 9, "^0", is_number=True),
    Pattern("phone", r"(^|[^\d-])\(?[2-9]\d{2}\)?[-. ]{1,2}\d{3}[-. ]\d{4}($|[^\d-])", 10, "[-. ]"),
    Pattern("phone", r"^0[1-9]\d{1,4} ?[|,:;_\\] ?\d{5,9}$", 9, r"[|,:;_\\]"),
    Pattern("phone", r"\b0[1-9]\d{1,4}[ /-]\d{3,4}[ -]?\d{3,5}\b", 9, "0"),
    Pattern("phone", r"^\+[1-9]\d?\d?[.]\d{6,12}$|^0\d{1,5}\.\d{4,8}$", 9, r"\."),
    Pattern("phone", r"\([2-9]\d{2}\) ?\d{3}[-. ]\d{4}|^\(0\d{1,5}\) ?\d{3}", 8, r"\("),
    Pattern(
        "phone",
        r"(?i)^(Tel|Telefon|Tlf|Tfno|Puh|Phone|Mob|Mobil|Handy|Fax|Telefax)\b[.: ]+\D?\d",
        6,
        "[A-Za-z]",
    ),
    Pattern("phone", r"(^|[^\d])\([1-9]\d\) ?9?\d{4}[- ]\d{4}($|\D)", 10, r"\("),
    Pattern(
        "phone", r"(^|[^\d.,/+-])[78][ -]?\(?\d{3}\)?[ -]?\d{3}[ -]\d{2}[ -]\d{2}($|\D)", 11, "[- ]"
    ),
    *PLACES,
    *WORK,
    Pattern(
        "photograph",
        r"(?i)\S\.(jpe?g|png|gif|heic|heif|avif|svg|jfif|cr2|nef|dng|bmp|tiff?|webp)\b|^data:image/",
        needs=r"\.|:",
    ),
    Pattern(
        "biometric",
        r"(?i)\S\.(wav|mp3|m4a|mp4|mov|avi|flac|ogg|opus|aac|wma|webm|mkv|npy|edf)\b",
        needs=r"\.",
    ),
    Pattern(
        "biometric",
        r"(?i)^(FMR|FIR|FP|FGP|IRIS|RETINA|VOICE|FACE|DNA)[-_:# ]+[A-Z0-9-]*\d{3}",
        3,
        "[A-Za-z]",
    ),
    Pattern("biometric", r"^[A-Za-z0-9+/_-]{20,}={0,2}$", 1, "^.{20}", checks.jumbled),
    Pattern("biometric", r"^[ACGT]{20,}$", 0, "^.{20}"),
    Pattern("other code", r"^[0-9a-f]{16,31}$", 3, "[a-f]", is_number=True),
    Pattern("other code", r"^[A-Z0-9]{10,}$", 2, "[A-Z]", checks.changing, True, True),
    Pattern("device", r"\(01\)\d{14}", 14, r"\("),
    Pattern("biometric", r"^(0x)?[0-9A-Fa-f]{32,}$", 1, "^.{32}"),
    Pattern(
        "biometric",
        r"(?i)(fp_?template|finger[ _-]?print|voice[ _-]?print|retina|iris[_:-]|iris[ _-]?scan|"
        r"face[ _-]?(template|id|print)|minutiae|biometric)\S*\d",
        1,
    ),
    Pattern("photograph", r"(?i)^(headshot|portrait|photo|foto|passfoto|selfie|img)[_-]\w+"),
    Pattern("other code", r"^@[A-Za-z]\w{2,}$", needs="@"),
    Pattern("other code", r"^R_[A-Za-z0-9]{12,}$", 0, "^R_", is_number=True),
    *(Pattern("national number", regex, digits, "", check) for regex, digits, check in NATIONAL),
)
