"""vCard 2.1 to 4.0 → values by field, and contacts → vCard 3.0, which phones and mail programs all read."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from drivers.words import N_
from modemd.contacts.mapping import OWN
from modemd.model.contact import Card, Consent
from modemd.model.errors import Invalid

_BEGIN = re.compile(r"\s*BEGIN:VCARD", re.IGNORECASE)
_OURS = "x-modemd-"
Values = dict[str, list[str]]


def is_vcard(text: str) -> bool:
    return _BEGIN.match(text) is not None


def read_vcards(text: str) -> Iterator[Values]:
    """Each card's values, by the fields of `mapping`. Raises Invalid."""
    import vobject  # for those alone who bring a vCard

    try:
        for card in vobject.readComponents(text, allowQP=True):
            yield _values(card.contents)
    except Invalid:
        raise
    except Exception as error:  # whatever is in the file: vobject draws no line
        raise Invalid(N_("This vCard file cannot be read: {why}."), why=str(error)[:200]) from error


def _values(contents: dict[str, list[Any]]) -> Values:
    found: Values = {"number": [_number(each.value) for each in contents.get("tel", [])]}
    name = _first(contents, "fn") or _full_name(contents)
    found["name"] = [] if name in found["number"] else [name]
    found["reading"] = [_reading(contents)]
    found["notes"] = ["\n".join(str(each.value) for each in contents.get("note", []))]
    found["tags"] = [str(word) for each in contents.get("categories", []) for word in _list(each.value)]
    found["language"] = [_ours(contents, "language") or _first(contents, "lang")]
    found["groups"] = _several(contents, "group")
    found["consents"] = _several(contents, "consent")
    for each in _several(contents, "field"):
        key, value = json.loads(each)
        found[OWN + key] = [value]
    return found


def _first(contents: dict[str, list[Any]], name: str) -> str:
    return str(contents[name][0].value) if name in contents else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _number(value: Any) -> str:
    """tel:+81-90-1234-5678;ext=1 of vCard 4 is +81-90-1234-5678."""
    return str(value).removeprefix("tel:").partition(";")[0].strip()


def _full_name(contents: dict[str, list[Any]]) -> str:
    """Without FN: family name first, as N has it."""
    if "n" not in contents:
        return ""
    value = contents["n"][0].value
    return " ".join(str(part) for part in (value.family, value.given) if part)


def _reading(contents: dict[str, list[Any]]) -> str:
    """Apple's phonetic names, those of Japanese feature phones, or what vCard 3 and 4 sort by."""
    parts = [_first(contents, f"x-phonetic-{part}-name") for part in ("last", "first")]
    if any(parts):
        return " ".join(filter(None, parts))
    for each in contents.get("sound", []):
        if "X-IRMC-N" in each.singletonparams:
            return " ".join(filter(None, str(each.value).split(";")))
    sort_as = contents["n"][0].params.get("SORT-AS", []) if "n" in contents else []
    return " ".join(sort_as).replace(",", " ") or _first(contents, "sort-string")


def _ours(contents: dict[str, list[Any]], name: str) -> str:
    return _first(contents, _OURS + name)


def _several(contents: dict[str, list[Any]], name: str) -> list[str]:
    return [str(each.value) for each in contents.get(_OURS + name, [])]


# -- out --------------------------------------------------------------------------------------------------


def write_vcards(cards: Iterable[Card]) -> str:
    return "".join(_written(card) for card in cards)


def _written(card: Card) -> str:
    import vobject

    made = vobject.vCard()
    made.add("fn").value = card.shown
    family, _, given = card.name.partition(" ")
    made.add("n").value = vobject.vcard.Name(family=family, given=given)
    if card.reading:
        last, _, first = card.reading.partition(" ")
        made.add("x-phonetic-last-name").value = last
        made.add("x-phonetic-first-name").value = first
    for number in card.numbers:
        made.add("tel").value = number
    if card.notes:
        made.add("note").value = card.notes
    if card.tags:
        made.add("categories").value = list(card.tags)
    ours = [("language", card.language)] if card.language else []
    ours += [("group", group) for group in card.groups]
    ours += [("consent", consent_text(each)) for each in card.consents]
    ours += [("field", json.dumps([name, value], ensure_ascii=False)) for name, value in card.fields.items()]
    for name, value in ours:
        made.add(_OURS + name).value = value
    return str(made.serialize())


def consent_text(consent: Consent) -> str:
    return f"{consent.what}|{consent.on}|{consent.how}"
