"""The command line: which command lives where. Each is imported when it is called."""

import importlib
import sys

import click

COMMANDS = {
    "run": "modemd.cli.service",
    "demo": "modemd.cli.service",
    "tui": "modemd.cli.service",
    "config": "modemd.cli.service",
    "simulate": "modemd.cli.simulate",
    "send": "modemd.cli.desk",
    "stage": "modemd.cli.desk",
    "confirm": "modemd.cli.desk",
    "cancel": "modemd.cli.desk",
    "undo": "modemd.cli.desk",
    "approvals": "modemd.cli.approvals",
    "approve": "modemd.cli.approvals",
    "reject": "modemd.cli.approvals",
    "show": "modemd.cli.desk",
    "settle": "modemd.cli.desk",
    "outbox": "modemd.cli.desk",
    "inbox": "modemd.cli.desk",
    "modems": "modemd.cli.desk",
    "log": "modemd.cli.desk",
    "audit": "modemd.cli.audit",
    "stop": "modemd.cli.desk",
    "resume": "modemd.cli.desk",
    "lint": "modemd.cli.desk",
    "contacts": "modemd.cli.contacts",
    "groups": "modemd.cli.contacts",
    "opt-out": "modemd.cli.opt_out",
    "doctor": "modemd.cli.doctor",
    "trace": "modemd.cli.trace",
    "backup": "modemd.cli.backup",
    "restore": "modemd.cli.backup",
    "pdu": "modemd.cli.pdu",
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name]), f"{cmd_name.replace('-', '_')}_command")
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="modemd")
def group() -> None:
    """The on-premises SMS desk: every message waits under a burning fuse until it leaves.

    \b
    See it without a modem:  modemd demo
    The terminal UI:         modemd tui
    """


def main() -> None:
    # A word that the terminal's locale cannot show must not end the program.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    group()
