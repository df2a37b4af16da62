"""The commands that explain the others, and help a shell to finish them."""

import click

from posrefund.cli.options import Command
from posrefund.cli.session import Session

COMPLETION_VARIABLE = "_POSREFUND_COMPLETE"
"""Set by the script of a shell when it asks how a word may end."""
SHELLS = ("bash", "zsh", "fish", "powershell")
TOPICS = (
    "cashier",
    "kiosk",
    "manager",
    "engineer",
    "states",
    "exit-codes",
    "runbook",
    "troubleshooting",
    "security",
    "journal",
    "files",
    "faults",
)
"""What there is a guide about: the files of `posrefund/guides/`."""


@click.command(
    "help",
    cls=Command,
    help=(
        "Explain a topic, or a command; without either, list the topics.\n\nTopics: "
        + ", ".join(TOPICS)
        + "."
    ),
)
@click.argument("words", metavar="[TOPIC|COMMAND]", nargs=-1)
@click.option("--man", is_flag=True, help="Print the manual page, for: man -l FILE.")
@click.pass_obj
def _help(session: Session, words: tuple[str, ...], man: bool) -> int:
    from posrefund.cli.helping import explain

    return explain(session, words, man=man)


@click.command(
    "completion",
    cls=Command,
    help=(
        "Print the script that lets a shell complete commands and options.\n\n"
        '  bash: eval "$(posrefund completion bash)" in ~/.bashrc\n\n'
        '  zsh: eval "$(posrefund completion zsh)" in ~/.zshrc\n\n'
        "  fish: posrefund completion fish > ~/.config/fish/completions/posrefund.fish\n\n"
        "  PowerShell: posrefund completion powershell | Out-String | Invoke-Expression"
        " in $PROFILE"
    ),
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_obj
def _completion(session: Session, shell: str) -> int:
    from posrefund.cli.completion import script

    return script(session, shell)


HELPING_COMMANDS = (_help, _completion)
