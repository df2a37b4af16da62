"""Makes every step of writing a file a point, such as `succeeded | export: before link #1`."""

import builtins
import io
import os
from collections.abc import Callable
from typing import Any

from tests.campaign.victim_watch import Watch

_STEPS = ("fsync", "replace", "rename", "link", "unlink")


def watch_files(watch: Watch, what: str) -> None:
    """From now on each of these steps is two points: before and after."""
    for name in _STEPS:
        setattr(os, name, _watched(watch, f"{what}: before {name}", getattr(os, name)))
    # A file that was there is empty as soon as it is opened for writing.
    builtins.open = io.open = _opening(watch, what, io.open)


def _watched(watch: Watch, before: str, step: Callable[..., Any]) -> Callable[..., Any]:
    def watched(*args: Any, **how: Any) -> Any:
        watch.point(before)
        try:
            return step(*args, **how)
        finally:
            watch.point(before.replace("before", "after"))

    return watched


def _opening(watch: Watch, what: str, step: Callable[..., Any]) -> Callable[..., Any]:
    def opening(file: Any, mode: str = "r", *args: Any, **how: Any) -> Any:
        if "w" not in mode:
            return step(file, mode, *args, **how)
        return _watched(watch, f"{what}: before opening", step)(file, mode, *args, **how)

    return opening
