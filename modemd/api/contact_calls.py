"""The client's calls about contacts, groups, files of contacts, hygiene and opt-outs."""

import base64
from abc import abstractmethod
from typing import Any
from urllib.parse import quote

from modemd.api.building import build, given
from modemd.api.contact_schema import (
    CompletionView,
    ContactBatchPage,
    ContactPage,
    ContactView,
    DoneView,
    GroupView,
    HygieneView,
    ImportedView,
    ImportView,
    OptOutPage,
    OptOutView,
    UndoneView,
)


class ContactCalls:
    """Every call raises Unreachable or Refused, nothing else."""

    @abstractmethod
    async def _ask(self, method: str, path: str, *, allow: tuple[int, ...] = (), **rest: Any) -> dict[str, Any]: ...

    @abstractmethod
    async def _fetch(self, path: str, params: dict[str, Any]) -> bytes: ...

    # -- contacts --------------------------------------------------------------------------------

    async def contacts(
        self, *, q: str | None = None, group: str | None = None, after: str | None = None, limit: int = 100
    ) -> ContactPage:
        """By reading, else by name."""
        params = given(q=q, group=group, after=after, limit=limit)
        return build(ContactPage, await self._ask("GET", "/v1/contacts", params=params))

    async def contact(self, id: int) -> ContactView:
        return build(ContactView, await self._ask("GET", f"/v1/contacts/{id}"))

    async def contacts_of(self, number: str) -> list[ContactView]:
        """Everybody who has this number."""
        answer = await self._ask("GET", "/v1/contacts/of", params={"number": number})
        return [build(ContactView, each) for each in answer["contacts"]]

    async def add_contact(self, **card: Any) -> ContactView:
        """The fields of CardView."""
        return build(ContactView, await self._ask("POST", "/v1/contacts", json=card))

    async def edit_contact(self, id: int, *, revision: int | None = None, **card: Any) -> ContactView:
        """What is given is replaced; Refused with "conflict" when somebody has edited it since `revision`."""
        body = card | given(revision=revision)
        return build(ContactView, await self._ask("PATCH", f"/v1/contacts/{id}", json=body))

    async def delete_contact(self, id: int) -> None:
        await self._ask("DELETE", f"/v1/contacts/{id}")

    async def complete(self, typed: str, *, limit: int = 8) -> CompletionView:
        """Who may be meant. Take the first without asking only where there is no tie."""
        return build(
            CompletionView, await self._ask("GET", "/v1/contacts/complete", params={"q": typed, "limit": limit})
        )

    async def chosen(self, message: int, typed: str, contact: int) -> None:
        """This message's recipient was picked by these letters: an undo demotes the pair."""
        await self._ask("POST", "/v1/contacts/chosen", json={"message": message, "typed": typed, "contact": contact})

    # -- groups ----------------------------------------------------------------------------------

    async def groups(self) -> list[GroupView]:
        answer = await self._ask("GET", "/v1/groups")
        return [build(GroupView, each) for each in answer["groups"]]

    async def add_group(self, name: str) -> None:
        await self._ask("POST", "/v1/groups", json={"name": name})

    async def regroup(self, name: str, *, add: list[int] | None = None, remove: list[int] | None = None) -> None:
        body = {"add": add or [], "remove": remove or []}
        await self._ask("POST", f"/v1/groups/{quote(name, safe='')}/members", json=body)

    async def drop_group(self, name: str) -> DoneView:
        """Its contacts stay."""
        return build(DoneView, await self._ask("DELETE", f"/v1/groups/{quote(name, safe='')}"))

    # -- files -----------------------------------------------------------------------------------

    async def preview_import(self, content: bytes, **wanted: Any) -> ImportView:
        """`wanted`: encoding, columns, headed, group, zeros, source. Nothing is done."""
        return build(ImportView, await self._ask("POST", "/v1/contacts/import/preview", json=_file(content, wanted)))

    async def apply_import(
        self, content: bytes, seen: str, decisions: dict[int, str] | None = None, **wanted: Any
    ) -> ImportedView:
        """Refused with "conflict" where it is no longer what was seen. `decisions`: by place, add, merge or skip."""
        decided = {str(place): decision for place, decision in (decisions or {}).items()}
        body = _file(content, wanted) | {"seen": seen, "decisions": decided}
        return build(ImportedView, await self._ask("POST", "/v1/contacts/import", json=body))

    async def contact_batches(self, *, after: str | None = None, limit: int = 50) -> ContactBatchPage:
        """Imports, merges and the like, newest first."""
        params = given(after=after, limit=limit)
        return build(ContactBatchPage, await self._ask("GET", "/v1/contacts/batches", params=params))

    async def undo_batch(self, id: int) -> UndoneView:
        return build(UndoneView, await self._ask("POST", f"/v1/contacts/batches/{id}/undo"))

    async def export_contacts(self, kind: str = "csv", *, group: str | None = None, q: str | None = None) -> bytes:
        """`kind`: csv, vcard."""
        return await self._fetch("/v1/contacts/export", given(kind=kind, group=group, q=q))

    # -- hygiene ---------------------------------------------------------------------------------

    async def hygiene(self, *, after: str | None = None) -> HygieneView:
        return build(HygieneView, await self._ask("GET", "/v1/hygiene", params=given(after=after)))

    async def tidy_up(self, kind: str, key: str, action: str, *, keep: int | None = None) -> DoneView:
        body = given(kind=kind, key=key, action=action, keep=keep)
        return build(DoneView, await self._ask("POST", "/v1/hygiene", json=body))

    # -- opt-outs --------------------------------------------------------------------------------

    async def opt_outs(self, *, state: str | None = None, after: str | None = None, limit: int = 100) -> OptOutPage:
        params = given(state=state, after=after, limit=limit)
        return build(OptOutPage, await self._ask("GET", "/v1/opt-outs", params=params))

    async def opt_out(self, number: str) -> OptOutView:
        """With its history. Refused with "not_found" where there is none."""
        return build(OptOutView, await self._ask("GET", f"/v1/opt-outs/{quote(number, safe='')}"))

    async def add_opt_out(self, number: str, note: str | None = None) -> OptOutView:
        return build(OptOutView, await self._ask("POST", "/v1/opt-outs", json=given(number=number, note=note)))

    async def lift_opt_out(self, number: str, note: str | None = None) -> None:
        await self._ask("DELETE", f"/v1/opt-outs/{quote(number, safe='')}", params=given(note=note))


def _file(content: bytes, wanted: dict[str, Any]) -> dict[str, Any]:
    return given(**wanted) | {"content": base64.b64encode(content).decode("ascii")}
