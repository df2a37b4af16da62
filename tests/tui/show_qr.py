"""Shows a code on the terminal it is started in: `python -m tests.tui.show_qr WAY THEME FILE`.

WAY is a screen of `screens.EVERY`. FILE is written once it has been drawn; then it stays there.
"""

import asyncio
import sys
from pathlib import Path

from textual.pilot import Pilot

from tests.tui.screens import EVERY, prepared


def main(way: str, theme: str, drawn: str) -> None:
    counter = prepared(theme=theme)

    async def go_there(pilot: Pilot[None]) -> None:
        counter.pilot = pilot
        await counter.until(lambda: counter.app.focused and not list(counter.app.workers))
        await EVERY[way](counter)
        await pilot.pause(0.5)
        Path(drawn).write_text(f"{counter.app.size.width}x{counter.app.size.height}")
        await asyncio.sleep(600)

    counter.app.run(auto_pilot=go_there)


if __name__ == "__main__":
    main(*sys.argv[1:])
