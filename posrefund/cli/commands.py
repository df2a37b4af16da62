"""What can be typed. A command is: parse, call, print; what it calls is imported when it runs."""

from typing import Any

import click

from posrefund.cli.file_commands import FILE_COMMANDS
from posrefund.cli.helping_commands import HELPING_COMMANDS
from posrefund.cli.options import Group
from posrefund.cli.session import Session
from posrefund.cli.setup_commands import SETUP_COMMANDS
from posrefund.cli.suggestions import refund_ids, terminal_names

STATES = (
    "intent",
    "sending",
    "unknown",
    "accepted",
    "succeeded",
    "failed",
    "not_sent",
    "attention",
    "closed",
)

_DAY_SECONDS = 24 * 60 * 60

_HELP = """Give money back at the point of sale through CCV's Payment API.

A refund is a case, not a click: written down before it is sent, followed until there is proof,
and never started twice. Without a command the counter opens.

Exit codes: 0 succeeded or answered, 1 refused or failed (no money moved), 2 wrong use,
3 configuration or key, 4 not sent, 5 UNKNOWN (do not repeat), 6 still running at CCV,
7 a person must look, 8 journal, 9 a defect of ours, 130 interrupted.
"""


@click.group(cls=Group, help=_HELP, invoke_without_command=True)
@click.pass_context
def cli(context: click.Context) -> int:
    """Open the counter when no command was typed."""
    if context.invoked_subcommand is not None:
        return 0
    session: Session = context.obj
    session.begin()
    from posrefund.cli.counter import open_counter

    return open_counter(session)


@cli.command(
    "demo",
    help="Open the counter on a pretend CCV with sample payments. No configuration, no key.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the pretend CCV.")
@click.pass_obj
def _demo(session: Session, port: int) -> int:
    from posrefund.cli.practice import demo

    return demo(session, port)


@cli.command("find", help="Look a payment up by reference or order, and what is left of it.")
@click.argument("text")
@click.pass_obj
def _find(session: Session, text: str) -> int:
    from posrefund.cli.looking import find

    return find(session, text)


@cli.command(
    "refund",
    help=(
        "Give money back: all that is left (--full) or an amount.\n\nNothing is sent without a"
        " yes: answer the question, or say --yes. REFERENCE is that of the payment, or its order."
    ),
)
@click.argument("reference")
@click.option("--amount", metavar="A", help="How much, as 5.00 or 5,00.")
@click.option("--full", is_flag=True, help="Everything that is left of the payment.")
@click.option(
    "--terminal",
    metavar="NAME",
    shell_complete=terminal_names,
    help="Use this configured terminal.",
)
@click.option("--description", metavar="T", help="Text for CCV; our mark is added to it.")
@click.option("--order", metavar="REF", help="Order reference of the refund.")
@click.option("--card-absent", is_flag=True, help="SoftPOS: go without the customer's card.")
@click.option(
    "--payout",
    "payouts",
    metavar="REF=AMOUNT",
    multiple=True,
    help="How much a sub-merchant gives back; once for each.",
)
@click.option("--id", metavar="ID", help="Name this decision: the same id never pays twice.")
@click.option("--above-original", is_flag=True, help="Allow more than was paid.")
@click.option("--again", is_flag=True, help="Allow the same amount of this payment once more.")
@click.option("--no-wait", is_flag=True, help="Report right after the request.")
@click.option(
    "--wait-seconds",
    type=click.IntRange(0, _DAY_SECONDS),
    metavar="N",
    help="Stop waiting after so long; the exit code tells the state.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def _refund(context: click.Context, /, **typed: Any) -> int:  # noqa: ANN401 - see `Asked`
    if (typed["amount"] is not None) == typed["full"]:
        raise click.UsageError("say either --amount or --full", context)
    if typed["no_wait"] and typed["wait_seconds"] is not None:
        raise click.UsageError("say either --no-wait or --wait-seconds", context)
    from posrefund.cli.refunding import Asked, refund

    return refund(context.obj, Asked(**typed))


@cli.command(
    "status",
    help=(
        "Ask CCV now where a refund stands. ID is ours, REFERENCE is CCV's.\n\nWithout either, for"
        " a monitor: print what is open, from the journal alone; the exit code is that of the"
        " worst, 0 where nothing is open, 8 where there is no journal."
    ),
)
@click.argument("reference", metavar="[ID|REFERENCE]", required=False, shell_complete=refund_ids)
@click.pass_obj
def _status(session: Session, reference: str | None) -> int:
    if reference is None:
        from posrefund.cli.journaled import standing

        return standing(session)
    from posrefund.cli.looking import status

    return status(session, reference)


@cli.command("recover", help="Work through everything open until each is final or must wait.")
@click.option(
    "--wait-seconds",
    type=click.IntRange(0, _DAY_SECONDS),
    metavar="N",
    default=120,
    show_default=True,
    help="Take every step that is due within so long.",
)
@click.pass_obj
def _recover(session: Session, wait_seconds: int) -> int:
    from posrefund.cli.recovering import recover

    return recover(session, wait_seconds)


@cli.command(
    "watch",
    help=(
        "Do as recover does, and stay: for a kiosk or a back office.\n\nIt also takes up what"
        " other windows and commands leave behind. Ctrl+C, or a service manager's TERM, ends it"
        " with exit code 130. See posrefund help kiosk."
    ),
)
@click.option("--log-file", metavar="FILE", help="Log to this file too, as lines of JSON (0600).")
@click.pass_obj
def _watch(session: Session, log_file: str | None) -> int:
    from posrefund.cli.watching import watch

    return watch(session, log_file)


@cli.command(
    "close",
    help=(
        "Decide a case that needs a person: was it executed at CCV or not?\n\nOnly with proof: a"
        " CCV reference, a line of the portal, a case number of the helpdesk. CCV is asked once"
        " more before. Where it is not closed, this says why, and the exit code is that of the"
        " state the refund is in: 7 where the case stays open."
    ),
)
@click.argument("refund_id", metavar="ID", shell_complete=refund_ids)
@click.option("--executed", is_flag=True, help="The money was given back.")
@click.option("--not-executed", is_flag=True, help="No money was given back.")
@click.option("--by", metavar="NAME", required=True, help="Who decides.")
@click.option("--evidence", metavar="TEXT", required=True, help="What proves it.")
@click.pass_context
def _close(
    context: click.Context,
    refund_id: str,
    executed: bool,
    not_executed: bool,
    by: str,
    evidence: str,
) -> int:
    if executed == not_executed:
        raise click.UsageError("say either --executed or --not-executed", context)
    from posrefund.cli.closing import close

    return close(context.obj, refund_id, executed=executed, by=by, evidence=evidence)


@cli.command("list", help="List refunds from the journal, the newest first.")
@click.option("--open", "only_open", is_flag=True, help="Only those that need somebody yet.")
@click.option("--day", metavar="YYYY-MM-DD|today", help="Only those of this day here.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option(
    "--text",
    metavar="T",
    help="Only those with this id, reference or order; its last 3 characters will do.",
)
@click.option("--amount", metavar="A", help="Only those of exactly so much.")
@click.option(
    "--terminal",
    metavar="NAME",
    shell_complete=terminal_names,
    help="Only those on this terminal.",
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most."
)
@click.pass_obj
def _list(session: Session, /, **typed: Any) -> int:  # noqa: ANN401 - see `Wanted`
    from posrefund.cli.journaled import Wanted, list_refunds

    return list_refunds(session, Wanted(**typed))


@cli.command("show", help="Show a refund and everything that happened to it, from the journal.")
@click.argument("refund_id", metavar="ID", shell_complete=refund_ids)
@click.pass_obj
def _show(session: Session, refund_id: str) -> int:
    from posrefund.cli.journaled import show

    return show(session, refund_id)


@cli.command(
    "slip",
    help=(
        "Hand out the slip of a refund: the first is the original, later ones say COPY.\n\nID is"
        " ours or CCV's; the reference of a payment gives its last attempt, done or not."
    ),
)
@click.argument("refund_id", metavar="ID", shell_complete=refund_ids)
@click.option("--merchant", is_flag=True, help="The shop's slip.")
@click.option("--print", "on_paper", is_flag=True, help="On the configured printer.")
@click.option("--file", metavar="F", help="Into this file.")
@click.pass_obj
def _slip(
    session: Session, refund_id: str, merchant: bool, on_paper: bool, file: str | None
) -> int:
    from posrefund.cli.slips import slip

    return slip(session, refund_id, merchant=merchant, on_paper=on_paper, file=file)


@cli.command("cancel", help="Ask CCV to cancel a refund, say what it answered, keep following.")
@click.argument("refund_id", metavar="ID", shell_complete=refund_ids)
@click.option(
    "--wait-seconds",
    type=click.IntRange(0, _DAY_SECONDS),
    metavar="N",
    help="Stop waiting after so long; the exit code tells the state.",
)
@click.pass_obj
def _cancel(session: Session, refund_id: str, wait_seconds: int | None) -> int:
    from posrefund.cli.cancelling import cancel

    return cancel(session, refund_id, wait_seconds=wait_seconds)


@cli.command("sandbox", help="Run a pretend CCV on this machine, for practice and tests.")
@click.option("--port", type=click.IntRange(0, 65535), default=8766, show_default=True)
@click.option("--script", metavar="FILE", help="Misbehave as this JSON script says.")
@click.pass_obj
def _sandbox(session: Session, port: int, script: str | None) -> int:
    from posrefund.cli.practice import sandbox

    return sandbox(session, port, script)


for _one in (*FILE_COMMANDS, *SETUP_COMMANDS, *HELPING_COMMANDS):
    cli.add_command(_one)
