"""A sentence that remembers how it was made, so that a shell can say it in its own language."""

from collections.abc import Mapping
from typing import Self


class Sentence(str):
    """English text, and behind it the template and the values that were filled in.

    Whoever writes it down has English. `wording.said` says it in the language of the counter; the
    templates are what the catalogs translate.
    """

    __slots__ = ("template", "values")

    template: str
    """As in the catalogs, with `{names}` where values go."""
    values: Mapping[str, object]
    """What goes there: text, money, other sentences and errors."""

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Fill the values in; without any, braces in the text are left alone."""
        sentence = super().__new__(cls, template.format(**values) if values else template)
        sentence.template = template
        sentence.values = values
        return sentence


class Spoken(Exception):
    """An error that is one sentence. `str` of it is English, for journal and scripts."""

    def __init__(self, sentence: str, /, **values: object) -> None:
        """Keep the sentence.

        Args:
            sentence: With `{names}` where the values go, as the catalogs translate it.
            values: What is filled in.
        """
        if not isinstance(sentence, Sentence):
            sentence = Sentence(sentence, **values)
        self.sentence = sentence
        super().__init__(sentence)
