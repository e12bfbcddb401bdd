"""Users, groups and tokens: what the operating system and the configuration say of whoever asks."""

import grp
import os
import pwd
import time
from collections.abc import Iterable

from drivers.words import N_
from modemd.config_people import TOKEN, PeopleConfig
from modemd.model.actor import DAEMON, EVERYTHING, Actor, Role, with_implied
from modemd.model.errors import ConfigError

_REMEMBERED = 10.0  # seconds: who has left a group has left it soon, and a directory is not asked all the time
_OLD_TOKEN = "token"
_KEPT_BY_ROOT: frozenset[Role] = frozenset({"read", "write", "admin", "numbers"})


class People:
    """Turns a uid or a token into an Actor."""

    def __init__(self, config: PeopleConfig) -> None:
        self._config = config
        self._tokens = {token.name: token for token in config.tokens}
        self._users: dict[int, tuple[float, str, frozenset[str]]] = {}

    def local(self, uid: int, pid: int) -> Actor:
        """The user behind a Unix socket."""
        name, groups = self._user(uid)
        who = Actor(name, f"uid:{uid}", f"pid {pid}", uid, groups)
        return Actor(who.name, who.key, who.origin, uid, groups, self._roles(who))

    def token(self, name: str | None, address: str) -> Actor:
        """Whoever shows a token; None: the one of token_file, which approves nothing by itself."""
        if name is None:
            who = Actor(_OLD_TOKEN, _OLD_TOKEN, address)
            roles = EVERYTHING - {"approve"} if self._config.roles is None else self._listed(who)
            return Actor(who.name, who.key, address, roles=roles)
        found = self._tokens[name]
        who = Actor(TOKEN + name, TOKEN + name, address, groups=found.groups)
        return Actor(who.name, who.key, address, groups=found.groups, roles=with_implied(found.roles))

    def by_key(self, key: str) -> Actor:
        """Somebody who was here once."""
        kind, _, rest = key.partition(":")
        if kind == "uid" and rest.isdecimal():
            return self.local(int(rest), 0)
        if key.startswith(TOKEN) and rest in self._tokens:
            return self.token(rest, "")
        return DAEMON if key == DAEMON.key else Actor(key, key)

    def by_login(self, name: str, origin: str) -> Actor | None:
        """A user by the login name, None where there is none."""
        try:
            found = self.local(pwd.getpwnam(name).pw_uid, 0)
        except KeyError:
            return None
        return Actor(found.name, found.key, origin, found.uid, found.groups, found.roles)

    def members(self, names: Iterable[str]) -> set[str]:
        """The keys of all who are named, by themselves or by their groups."""
        found: set[str] = set()
        for name in names:
            if name.startswith(TOKEN):
                found.add(name)
            elif not name.startswith("@"):
                found |= {f"uid:{pwd.getpwnam(name).pw_uid}"} if _is_user(name) else set()
            else:
                found |= {TOKEN + token.name for token in self._tokens.values() if name[1:] in token.groups}
                found |= {f"uid:{uid}" for uid in _uids_of(name[1:])}
        return found

    def check(self) -> None:
        """Raises ConfigError: a name that nobody has would hold for ever, or let nobody in."""
        groups = {group for token in self._config.tokens for group in token.groups}
        for name in sorted(self._config.named()):
            if name.startswith("@") and name[1:] not in groups and not _is_group(name[1:]):
                raise ConfigError(
                    N_("The configuration names {name}, and there is no such group: getent group."), name=name
                )
            is_token = name == _OLD_TOKEN or (name.startswith(TOKEN) and name.removeprefix(TOKEN) in self._tokens)
            if not name.startswith("@") and not is_token and not _is_user(name):
                raise ConfigError(
                    N_("The configuration names {name}, and there is no such user or token: getent passwd."), name=name
                )

    def _user(self, uid: int) -> tuple[str, frozenset[str]]:
        until, name, groups = self._users.get(uid, (0.0, "", frozenset[str]()))
        if time.monotonic() >= until:
            name, groups = _look_up(uid)
            self._users[uid] = (time.monotonic() + _REMEMBERED, name, groups)
        return name, groups

    def _roles(self, who: Actor) -> frozenset[Role]:
        """Root, and the daemon's own user, could change the configuration; they approve as anybody else."""
        if self._config.roles is None:
            return EVERYTHING
        by_nature = _KEPT_BY_ROOT if who.uid in (0, os.getuid()) else frozenset[Role]()
        return self._listed(who) | by_nature

    def _listed(self, who: Actor) -> frozenset[Role]:
        given = self._config.roles or {}
        return with_implied(role for role, names in given.items() if who.is_one_of(names))


def _look_up(uid: int) -> tuple[str, frozenset[str]]:
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        return f"uid:{uid}", frozenset()
    names = set()
    for gid in os.getgrouplist(user.pw_name, user.pw_gid):
        try:
            names.add(grp.getgrgid(gid).gr_name)
        except KeyError:
            continue  # a group without a name
    return user.pw_name, frozenset(names)


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _is_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True


def _uids_of(group: str) -> set[int]:
    """Everybody in a group, by name or as their first group."""
    try:
        found = grp.getgrnam(group)
    except KeyError:
        return set()
    members = {pwd.getpwnam(name).pw_uid for name in found.gr_mem if _is_user(name)}
    return members | {user.pw_uid for user in pwd.getpwall() if user.pw_gid == found.gr_gid}
