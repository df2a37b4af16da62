"""What a set-up asks, before it is a file. Each answer is checked by the rules of that file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from posrefund.errors import Misused
from posrefund.settings.loading import settings_of
from posrefund.settings.model import Settings
from posrefund.settings.table import SettingWrong

Values = dict[str, Any]
"""As in the file: texts, tables, lists of tables."""

_PHONE = {"name": "?", "method": "softpos"}
_CARD = {"name": "?", "method": "terminal", "terminal_id": "1", "management_system_id": "1"}

_PLACES: Mapping[str, Callable[[str], Values]] = {
    "language": lambda text: {"language": text},
    "counter": lambda text: {"counter": text},
    "base_url": lambda text: {"provider": {"base_url": text}},
    "name": lambda text: {"terminals": [{**_PHONE, "name": text}]},
    "softpos_id": lambda text: {"terminals": [{**_PHONE, "terminal_id": text}]},
    "terminal_id": lambda text: {"terminals": [{**_CARD, "terminal_id": text}]},
    "management_system_id": lambda text: {"terminals": [{**_CARD, "management_system_id": text}]},
    "merchant_language": lambda text: {"terminals": [{**_CARD, "merchant_language": text}]},
}
"""Where the answer to each question stands in the file."""


def checked(question: str, text: str, *, file: Path, others: Sequence[Values] = ()) -> str:
    """Return the answer to one question, if it can be used.

    Args:
        question: `language`, `counter`, `base_url`, `name` (of a terminal), `softpos_id`,
            `terminal_id`, `management_system_id` or `merchant_language`.
        text: The answer.
        file: The file it is meant for.
        others: The terminals there are already, which must have other names.

    Raises:
        Misused: Says what is wrong, without the file and the key.
    """
    if not text.strip() and question not in _CARD:
        raise Misused("is empty")
    values = _PLACES[question](text)
    if others:
        values["terminals"] = [*others, *values.get("terminals", ())]
    usable(values, file)
    return text


def usable(values: Values, file: Path) -> Settings:
    """Return the settings that are the answers.

    Raises:
        Misused: Says what is wrong, without the file and the key.
    """
    try:
        return settings_of(values, file)
    except SettingWrong as error:
        raise Misused(error.what) from None


def card_terminal(
    name: str, *, terminal_id: str, management_system_id: str, merchant_language: str | None
) -> Values:
    """Return a card terminal; without a language nobody of the shop stands there."""
    terminal = {
        "name": name,
        "method": "terminal",
        "terminal_id": terminal_id,
        "management_system_id": management_system_id,
        "operating_environment": "SEMI_UNATTENDED",
    }
    if merchant_language is not None:
        terminal["operating_environment"] = "ATTENDED"
        terminal["merchant_language"] = merchant_language
    return terminal


def phone(name: str, *, terminal_id: str | None) -> Values:
    """Return a phone or tablet with SoftPOS; without an id CCV takes that of the sale."""
    terminal = {"name": name, "method": "softpos"}
    return terminal if terminal_id is None else {**terminal, "terminal_id": terminal_id}
