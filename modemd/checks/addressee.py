"""Is the text meant for this recipient: the name that it greets, the numbers that it speaks of?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from modemd.checks.prose import found, without_links
from modemd.checks.row import Hit
from modemd.model import names
from modemd.model.candidate import Candidate
from modemd.model.directory import Person
from modemd.model.spelling import distance

_LETTERS = r"[\u3041-\u309f\u30a1-\u30fe\u4e00-\u9fff々ヶA-Za-z]"
_HELLO = r"(?:(?:こんにちは|おはようございます|こんばんは|お世話になります|お疲れ様です)[、。!\s]*)?"
_HEAD = rf"(?:\A\s*(?:[【\[(][^】\])\n]{{1,30}}[】\])]\s*)?{_HELLO}|\n[ ]*)"
_NOT_SAMA = "(?![子式々態相邸宅方])"  # 様子, 様式, and 様邸, which greets nobody
_TO = re.compile(
    # 様 anywhere else may speak of somebody.
    rf"{_HEAD}(?P<name>{_LETTERS}{{1,12}}?(?:[ ]{_LETTERS}{{1,8}}?)?)[ ]?"
    rf"(?:(?:様|さま){_NOT_SAMA}|(?:さん|先生|殿|くん|君)(?=[、,!。\s]))"
)
_TITLE = r"(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b"
_CAPITALISED = rf"(?!{_TITLE})[A-Z](?:['’][A-Z])?[A-Za-z\u00e0-\u024f'’-]*[a-z\u00e0-\u024f]"
_LATIN_TO = re.compile(
    r"\A\s*(?:\[[^\]\n]{1,30}\]:?\s*)?"
    r"(?:Dear|Hi|Hello|Hey|(?:Good )?(?:[Mm]orning|[Aa]fternoon|[Ee]vening)|Hola|Bonjour) +"
    rf"(?P<title>{_TITLE}\.? )?(?P<name>{_CAPITALISED}(?: {_CAPITALISED})?)(?=[\s,:!.;-]|\Z)"
)
_MIDDLE = re.compile(rf"(?P<name>{_LETTERS}{{1,8}}(?:[ ]{_LETTERS}{{1,8}})?)[ ]?様{_NOT_SAMA}")
# Who is greeted without a name.
_NOBODY = re.compile(
    r"(?:お|ご)?(?:客|皆|皆々|子|子供|奥|父|母|兄|姉|孫|嫁|嬢|王|神|仏|仕|多|模|異|左|今|何|人|外|有り?)\Z|[お御ご][\u4e00-\u9fff]"
    r"|お(?:つかれ|かげ|せわ|たがい|じい|ばあ)|ご(?:くろう|ちそう)|.*(?:[年来回前日別件]同|一同|御中)\Z"
    r"|.*(?:各位|会員|保護|患者|利用者|入居|担当|旦那|家族|遺族|本人|得意先|取引先|貴社|関係者|参加者|受講|申込|契約|住民)"
    r"|.*(?:新郎|新婦|業者|会社|オーナー|スタッフ|大家)"
    r"|.*(?:[部課係店社会所校園院組班隊駅町市村局室次場]長|員|者|官|代表|管理人|運転手|看護師|医師|職人|店主|生徒)\Z"
)
_OF = re.compile(r"[のとは][\u4e00-\u9fff]")  # お連れの木村様: somebody else, and said so
_NOBODY_LATIN = {
    "customer", "sir", "madam", "all", "team", "parents", "parent", "guest", "guests", "friend", "friends", "everyone",
    "there", "member", "members", "valued", "colleague", "colleagues", "both", "folks", "neighbour", "neighbours",
    "neighbor", "neighbors", "resident", "residents", "student", "students", "patient", "applicant", "tenant", "staff",
    "boss", "doctor", "nurse", "love", "guys", "dad", "mum", "mom", "darling", "dear", "again", "from", "it", "this",
    "we", "you", "just", "your", "the", "please", "room", "hope", "thanks", "thank", "can", "could", "ladies", "sirs",
}  # fmt: skip
# Short names that do not begin or end as the long ones.
_SHORT_NAMES = {
    "bill": "william", "will": "william", "bob": "robert", "jim": "james", "jack": "john", "dick": "richard",
    "rick": "richard", "ted": "edward", "ned": "edward", "mike": "michael", "mick": "michael", "tom": "thomas",
    "kate": "katherine", "kathy": "catherine", "peggy": "margaret", "meg": "margaret", "harry": "henry",
    "hank": "henry", "chuck": "charles", "nan": "ann", "becky": "rebecca", "bess": "elizabeth", "betty": "elizabeth",
    "molly": "mary", "polly": "mary", "sally": "sarah", "sandy": "alexandra", "jenny": "jennifer", "larry": "lawrence",
    "sue": "susan", "vicky": "victoria", "gwen": "gwendolyn", "terry": "teresa",
}  # fmt: skip


@dataclass(frozen=True)
class _Greeting:
    span: tuple[int, int]
    name: str
    titled: bool = False


def _greetings(text: str) -> Iterator[_Greeting]:
    for match in found(_TO, text):
        if not _NOBODY.match(match["name"]) and not _OF.search(match["name"]):
            yield _Greeting(match.span("name"), match["name"])
    for match in found(_LATIN_TO, text):
        if match["name"].split()[0].lower() not in _NOBODY_LATIN:
            start, end = match.span("name")
            name = re.sub(r"['’]s\Z", "", match["name"])
            yield _Greeting((start, end - len(match["name"]) + len(name)), name, bool(match["title"]))


def other_name(candidate: Candidate) -> Iterator[Hit]:
    """「田中様」 in a text to 田村: the name of another contact, or one that is nearly the recipient's."""
    person = candidate.known.person
    if person is None or not names.words(person.name):
        return
    greeting = _wrong_greeting(candidate, person)
    if greeting is None:
        yield from _somebody_else(candidate, person)
    elif _is_a_name(candidate, person, greeting):
        yield _hit(person, greeting)


def unknown_greeting(candidate: Candidate) -> Iterator[Hit]:
    """A greeting that is not the recipient's name, but may be no name at all: Boss, Mum, 小野家."""
    person = candidate.known.person
    if person is not None and names.words(person.name):
        greeting = _wrong_greeting(candidate, person)
        if greeting is not None and not _is_a_name(candidate, person, greeting):
            yield _hit(person, greeting)


def _hit(person: Person, greeting: _Greeting) -> Hit:
    return Hit(greeting.span, _called(person, greeting), {"name": greeting.name, "recipient": person.name})


def _wrong_greeting(candidate: Candidate, person: Person) -> _Greeting | None:
    greetings = _greetings(candidate.text)
    return next((greeting for greeting in greetings if _is_called(person, greeting.name) is False), None)


def _is_a_name(candidate: Candidate, person: Person, greeting: _Greeting) -> bool:
    if greeting.titled:
        return True
    directory = candidate.known.directory
    spoken = {names.fold(greeting.name), *names.words(greeting.name)}
    if directory is not None and any(word in directory.by_word or word in directory.by_name for word in spoken):
        return True
    shortest = 2 if names.is_ideographic(greeting.name) else 4 if names.is_latin(greeting.name) else 3
    return any(
        len(word) >= shortest and distance(word, own, 1) == 1
        for word in spoken
        for own in (*names.words(person.name), names.fold(person.name), *names.words(person.reading))
        if len(own) >= shortest
    )


def _somebody_else(candidate: Candidate, person: Person) -> Iterator[Hit]:
    """Elsewhere in the text: the full name of another contact, and not the recipient's."""
    directory = candidate.known.directory
    if directory is None or names.family(person.name) in candidate.text:
        return
    for match in found(_MIDDLE, candidate.text):
        for start in range(len(match["name"]) - 1):
            others = directory.by_name.get(names.fold(match["name"][start:]))
            if others and person not in others and _is_called(person, match["name"]) is False:
                place = (match.start("name") + start, match.end("name"))
                yield Hit(place, person.name, {"name": match["name"][start:], "recipient": person.name})
                return


def _is_called(person: Person, name: str) -> bool | None:
    """Whether this may be the person's name; None where their letters cannot be compared."""
    written = (*names.words(person.name), names.fold(person.name))
    spoken = (*names.words(person.reading), names.fold(person.reading))
    folded = names.fold(name)
    if names.is_ideographic(folded):
        own = [word for word in written if names.is_ideographic(word)]
        return any(_begins_or_ends(folded, word) for word in own) if own else None
    own = [word for word in (*written, *spoken) if word and not names.is_ideographic(word)]
    if not own:
        return None
    if not names.is_latin(folded):
        kana = [word for word in own if names.is_kana(word)]
        return any(_begins_or_ends(folded, word) for word in kana) if kana else None
    return any(_is_short_for(word, each) for word in (*names.words(name), folded) for each in own)


def _begins_or_ends(name: str, word: str) -> bool:
    """田中 in 田中太郎, and 見本商店佐々木 with 佐々木."""
    return word.startswith(name) or (len(word) > 1 and name.endswith(word))


def _is_short_for(name: str, word: str) -> bool:
    """Sam for Samuel, Liz for Elizabeth, Bob for Robert; Satoh for サトウ."""
    if name == word or _SHORT_NAMES.get(name) == word or names.romaji(name) == names.romaji(word):
        return True
    return len(name) >= 3 and (name in word or (word.startswith(name[:3]) and len(name) < len(word)))


def _called(person: Person, greeting: _Greeting) -> str:
    """The recipient's name in the way in which the other's was written."""
    parts = person.name.split()
    if " " in greeting.name:
        return " ".join(parts)
    if names.is_latin(greeting.name) and names.is_latin(person.name):
        return names.family(person.name) if greeting.titled else names.given(person.name)
    family = names.family(person.name)
    if greeting.name.startswith(family) and len(greeting.name) > len(family):
        return "".join(parts)
    return family


@lru_cache(maxsize=64)
def mentions(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names and the identifiers in a text that may be somebody's: who has them is asked before it is examined."""
    people: dict[str, None] = {}
    for greeting in _greetings(text):
        people |= dict.fromkeys((greeting.name, *greeting.name.split()))
    for match in found(_MIDDLE, text):
        people |= dict.fromkeys(match["name"][start:].strip() for start in range(len(match["name"]) - 1))
    return tuple(people)[:_MOST_NAMES], tuple(match[0] for match in _identifiers(text))[:_MOST_NAMES]


_MOST_NAMES = 30  # more than anybody names; each is looked up

_IDENTIFIER = re.compile(
    r"(?<![A-Za-z0-9¥$£€,.-])(?=[A-Za-z-]*\d)[A-Za-z0-9][A-Za-z0-9-]{2,22}[A-Za-z0-9](?!\s?円|[,.]\d)"
)
_SHORTEST_FIGURES = 5


def _identifiers(text: str) -> Iterator[re.Match[str]]:
    for match in re.finditer(_IDENTIFIER, without_links(text)):
        if not (match[0].isdecimal() and len(match[0]) < _SHORTEST_FIGURES):
            yield match


def other_identifier(candidate: Candidate) -> Iterator[Hit]:
    """The order number of somebody else."""
    directory, person = candidate.known.directory, candidate.known.person
    if directory is None or person is None:
        return
    for match in _identifiers(candidate.text):
        owners = directory.by_identifier.get(match[0].casefold(), ())
        if owners and all(owner.id != person.id for owner in owners):
            yield Hit(match.span(), values={"number": match[0], "name": owners[0].name})
