"""The words of each light of the pre-flight row."""

from textual.content import Content

from posrefund.figures import amount_text
from posrefund.language import N_, _, plural
from posrefund.refund.model import Finding, Refund
from posrefund.refund.rules import busy_until, held_back
from posrefund.safe_text import safe_text
from posrefund.terminal.model import Method, Terminal
from posrefund.terminal.signs import Sign
from posrefund.tui.doubts import Likeness, Similar
from posrefund.tui.times import clock_text, date_text
from posrefund.tui.widgets.marks import badge
from posrefund.tui.widgets.preflight import Light

_WAS_GIVEN_BACK = {
    Likeness.PAYMENT: N_("{amount} of this payment was given back already ({when}, {name})."),
    Likeness.ORDER: N_("{amount} of this order's other payment was given back ({when}, {name})."),
    Likeness.AMOUNT: N_("The same amount of another payment was given back ({when}, {name})."),
}
_IS_ON_ITS_WAY = {
    Likeness.PAYMENT: N_("{amount} of this payment is on its way already ({when}, {name})."),
    Likeness.ORDER: N_("{amount} of this order's other payment is on its way ({when}, {name})."),
    Likeness.AMOUNT: N_("The same amount of another payment is on its way ({when}, {name})."),
}
_WHOSE_MONEY = {
    "PRACTICE": N_("PRACTICE: no money"),
    "TEST": N_("TEST: no real money"),
    "LIVE": N_("LIVE: real money"),
}
_LOOK_TWICE = N_("Is this one meant, and not that one again?")


def original(good: bool) -> Light:
    """Is it a payment that can be refunded?"""
    return Light(_("Payment found") if good else _("Not refundable"), good)


def left(finding: Finding) -> Light:
    """How much of it can go back?"""
    if finding.left.minor:
        return Light(_("{amount} left").format(amount=amount_text(finding.left)), True)
    return Light(_("Nothing left"), False)


def nothing_left(finding: Finding) -> str:
    """Why there is no form, and what became of the money."""
    paid, returned = amount_text(finding.payment.amount), amount_text(finding.returned)
    closed = held_back(finding)
    if closed.minor:
        text = _(
            "Nothing is left of this payment: of {paid} paid, {returned} was given back, and CCV"
            " has not decided {open}. A person closed {closed} of that as not given back; until"
            " CCV decides it is held back. No other refund of it can be made here."
        )
    elif finding.open.minor:
        text = _(
            "Nothing is left of this payment: of {paid} paid, {returned} was given back and"
            " {open} is on its way. No other refund of it can be made here."
        )
    else:
        text = _(
            "Nothing is left of this payment: of {paid} paid, {returned} was given back."
            " No other refund of it can be made here."
        )
    return text.format(
        paid=paid,
        returned=returned,
        open=amount_text(finding.open),
        closed=amount_text(closed),
    )


def terminal(
    chosen: Terminal | None,
    *,
    sign: Sign | None,
    method: str,
    busy: Refund | None,
    has_others: bool,
) -> Light:
    """Where does it happen, and is there room?"""
    if chosen is None:
        by_terminal = method in set(Method)
        return Light(
            _("CCV chooses the terminal") if by_terminal else _("No terminal needed"), True
        )
    name = safe_text(chosen.name, limit=24)
    if busy is None:
        return Light(Content.assemble(badge(sign), " ", name), True)
    said = _("{terminal} is busy with a refund of {amount} since {time}.").format(
        terminal=name,
        amount=amount_text(busy.amount),
        time=clock_text(busy.first_sent_at or busy.created_at),
    )
    advice = (
        _("Wait until it is over, {time} at the latest, or choose another terminal with F6.")
        if has_others
        else _("Wait until it is over, {time} at the latest.")
    ).format(time=clock_text(busy_until(busy)))
    busy_name = _("{terminal} is busy").format(terminal=name)
    return Light(Content.assemble(badge(sign), " ", busy_name), None, f"{said} {advice}")


def no_terminal() -> Light:
    """None is configured that fits."""
    return Light(_("No terminal"), False)


def unfinished() -> Light:
    """Another refund of the payment comes first."""
    return Light(_("A refund is not finished"), False)


def impossible() -> Light:
    """No confirmation makes this amount possible."""
    return Light(_("Not possible as typed"), False)


def above() -> Light:
    """More than is left: it takes a confirmation of its own."""
    return Light(_("More than is left"), None)


def similar(found: Similar | None) -> Light:
    """Was this very refund made before?"""
    if found is None:
        return Light(_("No similar refund"), True)
    if found.is_plain:
        text = plural(
            "{number} earlier refund of this payment",
            "{number} earlier refunds of this payment",
            found.number,
        )
        return Light(text.format(number=found.number), True)
    table = _WAS_GIVEN_BACK if found.is_done else _IS_ON_ITS_WAY
    text = plural("Similar refund", "{number} similar refunds", found.number)
    said = _(table[found.likeness]).format(
        amount=amount_text(found.amount),
        when=date_text(found.at) if found.at is not None else _("time unknown"),
        name=safe_text(found.name, limit=255)[-14:],
    )
    if found.number > 1:
        said = _("{number} similar refunds; the latest: {latest}").format(
            number=found.number, latest=said
        )
    return Light(text.format(number=found.number), None, f"{said} {_(_LOOK_TWICE)}")


def journal_fails() -> Light:
    """Nobody knows whether there is a similar one."""
    return Light(
        _("Similar refunds not known"),
        None,
        _("The journal cannot be read; look at the list of today before you go on."),
    )


def mode(name: str) -> Light:
    """Whose money is it?"""
    return Light(_(_WHOSE_MONEY.get(name, name)), True)
