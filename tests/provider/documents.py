"""The examples of CCV's two reference pages, as they stand there."""

from pathlib import Path

from posrefund.provider.strict_json import parse

FOLDER = Path(__file__).parent.parent / "documents"


def document_bytes(name):
    return (FOLDER / f"{name}.json").read_bytes()


def document(name):
    return parse(document_bytes(name))
