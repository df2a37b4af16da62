"""What a shell may offer for a word: ids of refunds, names of terminals.

Somebody is typing: it is quick or there is nothing. Nothing is asked of CCV, nothing is written,
and no trouble of the configuration or the journal is told here; the command itself will tell it.
"""

from typing import TYPE_CHECKING

import click

from posrefund.cli.session import Session

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

MOST = 20
"""Ids that are offered."""


def refund_ids(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> "list[CompletionItem[str]]":
    """Return the ids of the latest refunds that begin so, however old, the open ones first."""
    from click.shell_completion import CompletionItem

    try:
        from posrefund.journal.health import latest_ids
        from posrefund.locations import journal_file

        settings = context.ensure_object(Session).settings()
        path = settings.journal_path or journal_file()
        found = latest_ids(path, limit=MOST, beginning=incomplete)
    except Exception:  # noqa: BLE001 - whoever presses a key to be helped gets no complaint
        return []
    return [CompletionItem(name, help=state) for name, state in found]


def terminal_names(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> "list[CompletionItem[str]]":
    """Return the names of the configured terminals that begin so, in capitals or not."""
    from click.shell_completion import CompletionItem

    try:
        terminals = context.ensure_object(Session).settings().terminals
    except Exception:  # noqa: BLE001 - as above
        return []
    begins = incomplete.casefold()
    return [CompletionItem(one.name) for one in terminals if one.name.casefold().startswith(begins)]
