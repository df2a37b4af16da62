"""Draws the pictures of the README: `python -m tests.tui.pictures`. Look at them afterwards."""

import asyncio
import re
from pathlib import Path

from posrefund.tui.crash import DiscreetApp
from tests.tui import screens, setup_page

ASSETS = Path(__file__).parents[2] / "assets"
PICTURES = {
    "counter": screens.counter_home,
    "payment": screens.payment,
    "confirm": screens.confirm,
    "progress": screens.progress,
    "qr": screens.qr,
    "outcome": screens.done,
    "unknown": screens.unknown,
    "history": screens.history,
    "case": screens.case,
}
WIDE = {"progress"}


async def draw(name: str) -> None:
    """Write one picture of the counter."""
    counter = screens.prepared("PRACTICE")
    size = (120, 40) if name in WIDE else (80, 24)
    async with counter.app.run_test(size=size) as pilot:
        counter.pilot = pilot
        await PICTURES[name](counter)
        await pilot.pause()
        _keep(name, counter.app)


async def draw_setup() -> None:
    """Write the picture of the set-up."""
    async with setup_page.opened() as page:
        await setup_page.filled_in(page)
        await page.pilot.pause()
        _keep("setup", page.app)


def _keep(name: str, app: DiscreetApp) -> None:
    picture = app.export_screenshot(title=f"posrefund: {name}")
    # Without the address of a web font: a picture in a README loads nothing.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    (ASSETS / f"{name}.svg").write_text(picture, "utf-8")


if __name__ == "__main__":
    for one in PICTURES:
        asyncio.run(draw(one))
    asyncio.run(draw_setup())
