"""Which terminal a refund goes to."""

from collections.abc import Sequence

from posrefund.errors import ConfigWrong, Misused
from posrefund.terminal.model import Method, Terminal


def choose(
    terminals: Sequence[Terminal], *, method: str, wanted: str | None, used_before: str | None
) -> Terminal | None:
    """Return the terminal for a payment made by `method`, or None where none takes part.

    The wanted one by name; else the terminal of the sale (`used_before`, CCV's terminal id); else
    the counter's default. A SoftPOS refund may go without: CCV then takes the terminal of the sale.

    Raises:
        Misused: If `wanted` names no configured terminal, or one of another method.
        ConfigWrong: If a terminal is needed and none is configured.
    """
    if wanted is not None:
        return _named(terminals, wanted, method)
    if method not in set(Method):
        return None
    fitting = [terminal for terminal in terminals if terminal.method == method]
    if fitting:
        return max(fitting, key=lambda one: (one.terminal_id == used_before, one.is_default))
    if method == Method.SOFTPOS:
        return None
    raise ConfigWrong(
        'no terminal is configured; add a [[terminals]] entry with method = "terminal"'
    )


def _named(terminals: Sequence[Terminal], wanted: str, method: str) -> Terminal:
    for terminal in terminals:
        if terminal.name.casefold() == wanted.casefold():
            if terminal.method != method:
                raise Misused(
                    "{terminal} is for {method}, this payment was by {paid_by}",
                    terminal=terminal.name,
                    method=terminal.method.value,
                    paid_by=method,
                )
            return terminal
    if not terminals:
        raise Misused("there is no terminal of that name; none is configured")
    known = ", ".join(terminal.name for terminal in terminals)
    raise Misused("there is no terminal of that name; configured: {names}", names=known)
