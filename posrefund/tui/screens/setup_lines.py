"""The questions of the set-up, in their order."""

from collections.abc import Iterator

from textual.widgets import Input, Static

from posrefund import language
from posrefund.language import N_
from posrefund.settings import Settings
from posrefund.tui.screens.setup_boxes import Choice, KeyBox, Line

_METHODS = {
    "terminal": N_("a card terminal"),
    "softpos": N_("a phone or tablet with CCV's SoftPOS app"),
    "none": N_("none yet"),
}
_SURROUNDINGS = {
    "ATTENDED": N_("yes, it is attended"),
    "SEMI_UNATTENDED": N_("no, nobody stands there"),
}


def at_first() -> dict[str, str]:
    """What stands in the boxes that are not empty before anybody types."""
    usual = Settings()
    return {
        "base_url": usual.provider.base_url,
        "counter": usual.counter,
        "merchant_language": language.current().upper(),
    }


def every_line(*, asks_for_key: bool) -> Iterator[Line]:
    """Yield every question; the page hides those that do not go with the answers."""
    usual = at_first()
    yield Line(N_("Language"), Choice(language.LANGUAGES, value=language.current(), id="language"))
    address = Input(usual["base_url"], id="base_url", compact=True)
    yield Line(N_("CCV's address"), address)
    key_box = KeyBox(id="key") if asks_for_key else Static(id="key")
    yield Line(N_("API key, not shown"), key_box)
    yield Line(N_("Name of this counter"), Input(usual["counter"], id="counter", compact=True))
    yield Line(N_("Its terminal"), Choice(_METHODS, value="terminal", id="method"))
    yield Line(N_("Name of the terminal"), Input(id="name", compact=True))
    yield Line(N_("Terminal id"), Input(id="terminal_id", compact=True))
    system = Input(id="management_system_id", compact=True)
    yield Line(N_("Management system id"), system)
    somebody = Choice(_SURROUNDINGS, value="ATTENDED", id="operating_environment")
    yield Line(N_("Somebody stands there"), somebody)
    spoken = Input(usual["merchant_language"], id="merchant_language", compact=True)
    yield Line(N_("Language of its messages"), spoken)
    yield Line(N_("Its id at CCV"), Input(id="softpos_id", placeholder="SP0001", compact=True))
