"""One run of the command line: what was typed for every command, and what the commands share."""

import gc
import os
import stat
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from enum import Enum, auto
from typing import TYPE_CHECKING, TextIO

from posrefund.cli.exits import ExitCode, Notices
from posrefund.cli.output import Output
from posrefund.cli.streams import is_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from posrefund.credentials import KeyPlace
    from posrefund.refund.ports import Clock, Journal
    from posrefund.settings import Settings
    from posrefund.wiring import Program


class NoJournal(Enum):
    """What a command does where there is no journal, or an empty file in its place."""

    MAKE = auto()
    """Make an empty one: it may begin a refund, or has to wait for one."""
    SAY = auto()
    """Say so, and go on as with an empty one, which is kept nowhere. It can begin no refund."""
    REFUSE = auto()
    """End with `JournalUnavailable`: an empty one in its place would be taken for an answer."""


class Session:
    """Given to every command. A test hands in streams and a program of its own."""

    def __init__(
        self,
        *,
        program: "Program | None" = None,
        removed: Sequence[str] = (),
        environ: MutableMapping[str, str] | None = None,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        """Prepare; nothing is read or opened.

        Args:
            program: Use this one instead of building it from the configuration.
            removed: Names of environment variables that were removed at the start.
            environ: Where the API key may be; the process's own by default.
            stdin: Answers to questions; the process's own by default.
            stdout: Where the answer goes; the process's own by default.
            stderr: Where everything else goes; the process's own by default.
        """
        self._program = program
        self.removed = removed
        """Names of the environment variables that were removed at the start."""
        self.environ = os.environ if environ is None else environ
        self.stdin: TextIO | None = stdin or sys.stdin
        self.output = Output(stdout or sys.stdout)
        self.notices = Notices(stderr or sys.stderr)
        self.config: str | None = None
        """The configuration file that was named, if any."""
        self.language: str | None = None
        """The language that was asked for, if any."""
        self.running: str | None = None
        """The id of the refund that is being carried out."""
        self.may_send = False
        """The command works with CCV, so that a refund may have been sent."""
        self._at_end = ExitStack()

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits there who can read a question and answer it."""
        return is_terminal(self.stdin) and self.notices.is_terminal

    @property
    def may_colour(self) -> bool:
        """Whether escape sequences are welcome on stderr."""
        plain = self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb"
        return self.notices.is_terminal and not plain

    def confirm(self, question: str) -> bool:
        """Ask a question. Only a yes is a yes; where nobody can answer, the answer is no."""
        return self.stdin is not None and self.notices.ask(question, self.stdin)

    def begin(self) -> None:
        """Shut the process to onlookers and heed signals. `--help` does not pay for this."""
        gc.enable()
        from posrefund.cli.signals import heeded
        from posrefund.hygiene import harden_process

        self._at_end.enter_context(heeded())
        harden_process()
        self._speak(self.language)
        if self.removed and self.notices.is_terminal:
            from posrefund.language import _

            # A log need not say it a thousand times; `doctor` says it to everybody who asks.
            self.notices.say(
                _("Not used from the environment: {names}").format(names=", ".join(self.removed))
            )

    def _speak(self, code: str | None) -> None:
        """Use this language until the end of the run; the exit codes and the JSON stay the same."""
        if code is not None:
            from posrefund import language

            self._at_end.callback(language.use, language.current())
            language.use(code)

    def end(self) -> None:
        """Undo what `begin` installed."""
        self._at_end.close()

    def answered(self) -> ExitCode:
        """The exit code of a question; a lost answer, as on a full disk, is none.

        It is that of a question nobody answered: no money moved by asking, and it is safe to ask
        again. A refund is never here: what became of it is told by its own code.
        """
        if not self.output.is_lost:
            return ExitCode.OK
        from posrefund.language import _

        self.notices.say(_("The answer could not be written."))
        return ExitCode.NOT_SENT

    def tell_written(self, path: "Path") -> None:
        """Say on stderr where a new file is, in full: a relative name may lie in another folder."""
        from posrefund.language import _

        self.notices.say(_("Written: {path}").format(path=path))

    def settings(self) -> "Settings":
        """Read the configuration.

        Raises:
            ConfigWrong: If it is wrong. Nothing was sent.
        """
        from dataclasses import replace

        from posrefund.settings import load_settings

        settings = load_settings(self.config_path())
        if self.language is not None:
            settings = replace(settings, language=self.language)
        self._speak(settings.language)
        return settings

    def export_folder(self) -> "Path | None":
        """The only folder in which files named by a person may be made; None: anywhere.

        Raises:
            ConfigWrong: If the configuration is wrong. Nothing was sent.
        """
        settings = self.settings() if self._program is None else self._program.settings
        return settings.export_folder

    def config_path(self) -> "Path":
        """Where the configuration is, or would be.

        Raises:
            ConfigWrong: If nobody can tell. Nothing was sent.
        """
        from pathlib import Path

        from posrefund.locations import config_file

        return config_file() if self.config is None else Path(self.config)

    def key_places(self, settings: "Settings") -> "Iterator[KeyPlace]":
        """Every place that holds an API key for these settings; the first one counts."""
        from posrefund.credentials import key_places

        return key_places(
            environ=self.environ,
            key_file=settings.provider.api_key_file,
            usual_file=usual_key_file(self.config_path()),
            address=settings.provider.base_url,
        )

    def program(self, no_journal: NoJournal = NoJournal.MAKE) -> "AbstractContextManager[Program]":
        """Build the program from the configuration and the key.

        Raises:
            ConfigWrong: If one of them is wrong. Nothing was sent.
            JournalUnavailable: If the journal cannot be opened, or is refused. Nothing was sent.
        """
        self.may_send = True
        if self._program is not None:
            return self._program
        from posrefund.credentials import KEY_VARIABLE, find_api_key
        from posrefund.wiring import build

        settings = self.settings()
        key = find_api_key(self.key_places(settings))
        # A browser we open must not inherit it.
        self.environ.pop(KEY_VARIABLE, None)
        return build(settings, key, opening=lambda chosen: self._opened(chosen, no_journal))

    def journal(self, no_journal: NoJournal = NoJournal.SAY) -> "AbstractContextManager[Journal]":
        """Open the journal alone, to read what happened; no key is needed for that.

        Raises:
            ConfigWrong: If the configuration is wrong.
            JournalUnavailable: If the journal cannot be opened, or there is none and it is refused.
        """
        if self._program is not None:
            return nullcontext(self._program.journal)
        return closing(self._opened(self.settings(), no_journal))

    def _opened(self, settings: "Settings", no_journal: NoJournal) -> "Journal":
        from posrefund.locations import journal_file
        from posrefund.wiring import open_journal

        path = settings.journal_path or journal_file()
        if no_journal is NoJournal.MAKE or not _is_missing(path):
            return open_journal(settings, on_migration=self._tell_of_migration)
        if no_journal is NoJournal.REFUSE:
            from posrefund.errors import JournalUnavailable

            raise JournalUnavailable(
                "there is no journal at {path}; if refunds were made here before, restore it, else"
                " posrefund watch makes one",
                path=path,
            )
        from posrefund.journal.memory import MemoryJournal
        from posrefund.journal.place import insist_on_own_disk
        from posrefund.language import _

        insist_on_own_disk(path)
        self.notices.say(
            _(
                "There is no journal at {path}; if refunds were made here before, restore it."
            ).format(path=path)
        )
        return MemoryJournal()

    def _tell_of_migration(self) -> None:
        from posrefund.language import _

        self.notices.say(
            _(
                "The journal is brought to the form of this version, once. It has many refunds, so"
                " this may take minutes; please wait. Interrupted, it begins again."
            )
        )

    def clock(self) -> "Clock":
        """Tell the time."""
        if self._program is not None:
            return self._program.clock
        from posrefund.clock import SystemClock

        return SystemClock()


def _is_missing(journal: "Path") -> bool:
    """Whether nothing is there, or a file of no bytes: one that was cut off has lost its refunds.

    Where nobody can tell, whoever opens it says what is wrong.
    """
    try:
        found = journal.lstat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def usual_key_file(config: "Path") -> "Path":
    """The key file where the configuration names none: beside it."""
    return config.absolute().parent / "api_key"
