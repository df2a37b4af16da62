"""The set-up on the screen of the counter: what it asks is checked and kept as `init` does it."""

from posrefund.cli.keys import keep
from posrefund.cli.session import Session, usual_key_file
from posrefund.cli.setting_up import ask_ccv, refuse_hidden, without_key
from posrefund.credentials import ApiKey, KeyPlace, find_api_key, key_places
from posrefund.errors import ConfigWrong
from posrefund.settings import Settings, agree
from posrefund.settings.answers import Values
from posrefund.settings.loading import settings_of
from posrefund.settings.writing import as_toml, write_config


class ScreenWork:
    """What the screen of the set-up has done for it, in a thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.file = session.config_path()

    def known_key(self) -> KeyPlace | None:
        """Where there is a key already. The keyring is not asked yet: its name is an address."""
        places = key_places(
            environ=self._session.environ, key_file=None, usual_file=usual_key_file(self.file)
        )
        return next(places, None)

    def ask_ccv(self, settings: Settings, key: ApiKey | None) -> ApiKey:
        """Return the key, or the one that is there already, once CCV has taken it.

        Raises:
            ConfigWrong: If there is none, or it cannot be used there, or CCV does not take it.
            NoInformation: If CCV could not be asked.
        """
        key = key or find_api_key(self._session.key_places(settings))
        agree(settings, key)
        ask_ccv(self._session, settings, key)
        return key

    def keep(self, answers: Values, key: ApiKey | None) -> None:
        """Write everything down: the configuration, and the key where it is not there already.

        Raises:
            ConfigWrong: If it cannot be written, or another key would be used than this one. It
                says what was written all the same.
            Misused: If there is a configuration by now. The key that was kept before stays.
        """
        settings = settings_of(answers, self.file)
        if key is not None:
            refuse_hidden(self._session, settings, key)
        write_config(as_toml(answers), self.file, replace=False)
        if key is None:
            return
        try:
            keep(self._session, settings, key)
        except ConfigWrong as error:
            # The answers are still on the screen: a second try must find no configuration.
            try:
                self.file.unlink()
            except OSError:
                raise without_key(self.file, error) from None
            raise ConfigWrong(
                "the API key could not be stored, so nothing was written: {reason}",
                catalogue=error.catalogue,
                reason=error,
            ) from None
