"""What the program is made of, as CycloneDX: `dist/posrefund.cdx.json`."""

import importlib.metadata
import json
import re
from importlib.metadata import Distribution

from packaging.requirements import Requirement

from tests.packages.building import DIST

PROGRAM = "posrefund"


def main() -> None:
    """Write it for the libraries that are installed here."""
    DIST.mkdir(exist_ok=True)
    path = DIST / "posrefund.cdx.json"
    found = bill()
    path.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    print(f"{len(found['components'])} libraries in dist/{path.name}")


def bill() -> dict:
    """Return the program and every library it needs, directly or not; nothing of this machine."""
    found = _needed(PROGRAM)
    references = {name: _reference(one) for name, (one, _) in found.items()}
    program, _ = found[PROGRAM]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**_component(program), "type": "application"}},
        "components": [
            _component(one) for name, (one, _) in sorted(found.items()) if name != PROGRAM
        ],
        "dependencies": [
            {"ref": references[name], "dependsOn": sorted(references[it] for it in direct)}
            for name, (_, direct) in sorted(found.items())
        ],
    }


def _needed(name: str) -> dict[str, tuple[Distribution, list[str]]]:
    """Find everything that is needed by that name, and what each of it needs directly."""
    found: dict[str, tuple[Distribution, list[str]]] = {}
    waiting = [Requirement(name)]
    while waiting:
        wanted = waiting.pop()
        one = importlib.metadata.distribution(wanted.name)
        _, direct = found.setdefault(_normal(one.name), (one, []))
        for text in one.requires or ():
            needed = Requirement(text)
            marker = needed.marker
            extras = ("", *wanted.extras)
            if marker is not None and not any(marker.evaluate({"extra": one}) for one in extras):
                continue
            if _normal(needed.name) not in direct:
                direct.append(_normal(needed.name))
                waiting.append(needed)
    return found


def _component(one: Distribution) -> dict:
    shown = {
        "type": "library",
        "bom-ref": _reference(one),
        "name": _normal(one.name),
        "version": one.version,
        "purl": _reference(one),
    }
    licence = one.metadata.get("License-Expression")
    if licence:
        return {**shown, "licenses": [{"expression": licence}]}
    named = [
        line.rpartition(" :: ")[2]
        for line in one.metadata.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    return (
        {**shown, "licenses": [{"license": {"name": name}} for name in named]} if named else shown
    )


def _reference(one: Distribution) -> str:
    return f"pkg:pypi/{_normal(one.name)}@{one.version}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
