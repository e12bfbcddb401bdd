"""Contacts, files of them, hygiene and opt-outs as the API shows them, in the reader's language."""

from collections.abc import Iterable, Mapping

from drivers.words import N_, Sentence
from modemd.api import contact_schema as schema
from modemd.api.schema import ErrorView
from modemd.api.views import moment
from modemd.contacts import mapping
from modemd.i18n import say
from modemd.model.contact import Card, Consent, Contact, Doubt
from modemd.model.importing import BAD, SAME, Item, Sheet
from modemd.store import hygiene, imports
from modemd.store.batches import Batch
from modemd.store.completion import Suggestion
from modemd.store.contacts import Edit
from modemd.store.hygiene import Case
from modemd.store.opt_outs import OptOut, Step


def card(found: Card) -> schema.CardView:
    return schema.CardView(
        name=found.name,
        reading=found.reading,
        numbers=list(found.numbers),
        language=found.language,
        notes=found.notes,
        tags=list(found.tags),
        groups=list(found.groups),
        consents=[schema.ConsentView(each.what, each.on, each.how) for each in found.consents],
        fields=dict(found.fields),
    )


def contact(
    found: Contact, *, opted_out: Iterable[str] = (), history: Iterable[Edit] | None = None
) -> schema.ContactView:
    return schema.ContactView(
        id=found.id,
        card=card(found.card),
        revision=found.revision,
        created_at=moment(found.created_at) or "",
        created_by=found.created_by,
        changed_at=moment(found.changed_at) or "",
        changed_by=found.changed_by,
        doubts=[_doubt(each) for each in found.doubts],
        opted_out=list(opted_out),
        history=[edit(each) for each in history] if history is not None else None,
    )


def _doubt(found: Doubt) -> schema.DoubtView:
    return schema.DoubtView(found.written, found.proposed)


def edit(found: Edit) -> schema.ContactEditView:
    return schema.ContactEditView(moment(found.at) or "", found.who, found.kind, found.batch)


def suggestion(found: Suggestion) -> schema.SuggestionView:
    return schema.SuggestionView(
        contact=found.contact.id,
        name=found.contact.card.name,
        reading=found.contact.card.reading,
        number=found.number,
        tail=found.number[-4:],
        fits=found.fits,
        demoted=found.demoted,
        last_written=moment(found.last_written),
        opted_out=found.opted_out,
    )


def batch(found: Batch) -> schema.ContactBatchView:
    return schema.ContactBatchView(
        found.id,
        found.kind,
        moment(found.at) or "",
        found.who,
        found.source,
        found.contacts,
        moment(found.undone_at),
        found.undone_by,
    )


# -- files ------------------------------------------------------------------------------------------------

_CONFLICTS = {
    imports.OTHER_NAME: N_("This number is known under another name, {name}: is it the same person?"),
    imports.SAME_NAME: N_("{name} is known with another number: is it the same person?"),
    imports.SEVERAL: N_("There are several called {name}: nothing here says which is meant."),
    imports.TWICE: N_("This number stands in the file before, with something else beside it."),
}
_LOST_ZERO = N_("{number} seems to lack the 0 in front.")


def preview(sheet: Sheet, items: list[Item], seen: str, language: str) -> schema.ImportView:
    kinds = ("new", "changed", "same", "conflict", "bad")
    counts = {kind: sum(item.kind == kind for item in items) for kind in kinds}
    return schema.ImportView(
        kind=sheet.kind,
        encoding=sheet.encodings[0] if sheet.encodings else None,
        encodings=list(sheet.encodings),
        headed=sheet.headed,
        columns=[schema.ColumnView(each.heading, each.means, list(each.examples)) for each in sheet.columns],
        fields=[*mapping.FIELDS, mapping.LEFT_OUT],
        counts=counts | {"doubts": sum(bool(item.row.doubts) for item in items)},
        items=[_item(item, language) for item in items if item.kind != SAME],
        seen=seen,
    )


def _item(item: Item, language: str) -> schema.ImportItemView:
    wanted = item.row.card or Card(item.row.written)
    return schema.ImportItemView(
        place=item.row.place,
        kind=item.kind,
        name=wanted.name,
        numbers=list(wanted.numbers),
        contact=item.contact.id if item.contact else None,
        known_as=item.contact.card.shown if item.contact else None,
        changes=_changes(item.contact.card, item.card) if item.contact and item.card else [],
        doubts=[_doubt(each) for each in item.doubts],
        why=_why(item, language),
    )


def _why(item: Item, language: str) -> ErrorView | None:
    if item.kind == BAD and item.row.problem is not None:
        return ErrorView(BAD, say(item.row.problem, language))
    if item.code is not None:
        name = item.contact.card.shown if item.contact else "?"
        return ErrorView(item.code, say(Sentence(_CONFLICTS[item.code], {"name": name}), language))
    if item.doubts:
        return ErrorView("lost_zero", say(Sentence(_LOST_ZERO, {"number": item.doubts[0].written}), language))
    return None


def _changes(old: Card, new: Card) -> list[schema.ChangeView]:
    before, after = _in_words(old), _in_words(new)
    names = dict.fromkeys((*before, *after))
    return [
        schema.ChangeView(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _in_words(found: Card) -> Mapping[str, str]:
    return {
        "name": found.name,
        "reading": found.reading,
        "numbers": ", ".join(found.numbers),
        "language": found.language,
        "notes": found.notes,
        "tags": ", ".join(found.tags),
        "groups": ", ".join(found.groups),
        "consents": ", ".join(map(_consent, found.consents)),
        **{mapping.OWN + name: value for name, value in found.fields.items()},
    }


def _consent(found: Consent) -> str:
    return " ".join(filter(None, (found.what, found.on, found.how)))


# -- hygiene ----------------------------------------------------------------------------------------------

_CASES = {
    hygiene.DUPLICATE: N_("{names}: the same person twice?"),
    hygiene.TWO_NAMES: N_("{number} stands under several names: {names}."),
    hygiene.LOST_ZERO: N_("{names}: {written} seems to lack the 0 in front. Is it {number}?"),
    hygiene.DEAD: N_("{names}: the last three messages to {number} did not arrive, and will not."),
    hygiene.STALE: N_("{names}: neither heard of nor written to for a year."),
}
_KEEPS = ("merge", "keep")


def case(found: Case, language: str) -> schema.CaseView:
    names = ", ".join(each.card.shown for each in found.contacts)
    values: dict[str, object] = {"names": names, "number": found.number, "written": found.written}
    actions = hygiene.ACTIONS[found.kind]
    return schema.CaseView(
        kind=found.kind,
        key=found.key,
        sentence=say(Sentence(_CASES[found.kind], values), language),
        contacts=[contact(each) for each in found.contacts],
        actions=list(actions),
        keeps=[action for action in actions if action in _KEEPS],
        number=found.number,
        since=moment(found.since),
    )


# -- opt-outs ---------------------------------------------------------------------------------------------


def opt_out(
    found: OptOut, *, said: str | None, names: list[str], held: list[int], history: list[Step] | None = None
) -> schema.OptOutView:
    return schema.OptOutView(
        number=found.number,
        state=found.state,
        at=moment(found.at) or "",
        how=found.how,
        who=found.who,
        note=found.note,
        said=said,
        names=names,
        held=held,
        history=[_step(each) for each in history] if history is not None else None,
    )


def _step(found: Step) -> schema.OptOutStepView:
    return schema.OptOutStepView(moment(found.at) or "", found.what, found.how, found.who, found.note, found.inbound_id)
