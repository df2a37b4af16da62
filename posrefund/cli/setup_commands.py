"""The commands that set a counter up and look after it, as they are typed."""

from typing import Any

import click

from posrefund.cli.options import Command, Group
from posrefund.cli.session import Session


@click.command(
    "doctor",
    cls=Command,
    help=(
        "Look everything over, and say for each part ok or what to do.\n\nIt moves no money: CCV"
        " is asked one question about a reference that does not exist. The exit code is that of"
        " the worst: 3 configuration or key, 8 journal, 4 CCV not reached, 0 otherwise."
    ),
)
@click.option("--offline", is_flag=True, help="Do not ask CCV.")
@click.pass_obj
def _doctor(session: Session, offline: bool) -> int:
    from posrefund.cli.doctor import doctor

    return doctor(session, is_offline=offline)


@click.command(
    "init",
    cls=Command,
    help=(
        "Set this counter up: asks what is needed, checks each answer, and writes the"
        " configuration.\n\nWithout a terminal everything comes from options, and the API key from"
        " --key-stdin or POSREFUND_API_KEY:\n\n  posrefund init --counter 'Kiosk 7' --language nld"
        " --terminal-id 1234536 --management-system-id 000103030 --unattended --key-stdin < KEYFILE"
        "\n\nWith --force, a terminal that is there is replaced only by a yes; by options only its"
        " own settings are changed (--terminal NAME), and a new SoftPOS device comes last."
    ),
)
@click.option("--counter", metavar="NAME", help="This workstation, as people call it.")
@click.option("--base-url", metavar="URL", help="CCV's address, path included.")
@click.option("--terminal", metavar="NAME", help="What people call the terminal.")
@click.option("--terminal-id", metavar="ID", help="CCV's id of the terminal.")
@click.option("--management-system-id", metavar="ID", help="CCV's id of its management system.")
@click.option("--merchant-language", metavar="LNG", help="Of an attended terminal, as NLD.")
@click.option("--unattended", is_flag=True, help="Nobody stands at the terminal.")
@click.option("--softpos", is_flag=True, help="The terminal is a phone or tablet with SoftPOS.")
@click.option("--key-stdin", is_flag=True, help="Read the API key from standard input.")
@click.option("--no-check", is_flag=True, help="Do not ask CCV whether it accepts the key.")
@click.option("--force", is_flag=True, help="Change a configuration that is there.")
@click.pass_obj
def _init(session: Session, /, **typed: Any) -> int:  # noqa: ANN401 - see `Given`
    from posrefund.cli.setting_up import set_up
    from posrefund.cli.setup_answers import Given

    return set_up(session, Given(**typed))


@click.group(
    "key",
    cls=Group,
    no_args_is_help=False,
    help=(
        "Keep the API key on this machine.\n\nIt is looked for in POSREFUND_API_KEY, the systemd"
        " credential posrefund_api_key, the key file, and the keyring; the first one counts. It is"
        " never an argument: every user of the machine can read those."
    ),
)
def _key() -> None:
    """Hold the commands about the API key."""


@_key.command(
    "set",
    help=(
        "Store the API key. It is asked for and not shown, or read from standard input:\n\n"
        "  posrefund key set < KEYFILE"
    ),
)
@click.option("--to", type=click.Choice(("keyring", "file")), help="Store it there.")
@click.pass_obj
def _key_set(session: Session, to: str | None) -> int:
    from posrefund.cli.keys import set_key

    return set_key(session, to)


@_key.command("status", help="Say where the API key comes from, and what is wrong with it.")
@click.pass_obj
def _key_status(session: Session) -> int:
    from posrefund.cli.keys import key_status

    return key_status(session)


@_key.command("delete", help="Remove the stored API key from this machine.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def _key_delete(session: Session, yes: bool) -> int:
    from posrefund.cli.keys import delete_key

    return delete_key(session, is_sure=yes)


@click.command(
    "terminals", cls=Command, help="List the configured terminals, and what is odd about them."
)
@click.pass_obj
def _terminals(session: Session) -> int:
    from posrefund.cli.configured import list_terminals

    return list_terminals(session)


@click.group("config", cls=Group, no_args_is_help=False, help="Look at the configuration.")
def _config() -> None:
    """Hold the commands about the configuration."""


@_config.command("show", help="Show every setting, and where it comes from. No secret is shown.")
@click.pass_obj
def _config_show(session: Session) -> int:
    from posrefund.cli.configured import show_config

    return show_config(session)


SETUP_COMMANDS: tuple[click.Command, ...] = (_doctor, _init, _key, _terminals, _config)
