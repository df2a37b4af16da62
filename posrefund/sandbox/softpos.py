"""SoftPOS devices and their installation (CCV's SoftPOS reference)."""

from collections.abc import Callable

from posrefund.sandbox.refusal import Refusal


class SoftPosTerminals:
    """Remembers which device is installed, being installed, or unknown."""

    def __init__(self, mint: Callable[[], str]) -> None:
        self._mint = mint
        self._states: dict[str, str] = {}

    def add_installed(self, terminal: str) -> None:
        """Enter a device that was installed long ago."""
        self._states[terminal] = "installed"

    def show(self, terminal: str) -> dict[str, object]:
        """Give the device.

        Raises:
            Refusal: Before it was installed.
        """
        state = self._states.get(terminal)
        if state is None:
            raise Refusal(f"Terminal {terminal} is not installed", failure_code="invalid_config")
        return {
            "terminalId": terminal,
            "terminalType": "softpos",
            "installationStatus": state,
        }

    def act(self, terminal: str, action: str) -> dict[str, object]:
        """Do `install`, `install-completed` or `uninstall` and give the device.

        Raises:
            Refusal: If it comes in the wrong order.
        """
        if action == "install":
            self._states[terminal] = "not_installed"
            return {**self.show(terminal), "installationPayload": self._mint()}
        shown = self.show(terminal)
        if action == "install-completed":
            self._states[terminal] = "installed"
            return {**shown, "installationStatus": "installed"}
        if shown["installationStatus"] != "installed":
            raise Refusal(f"Terminal {terminal} is not installed", failure_code="invalid_config")
        del self._states[terminal]
        return {**shown, "installationStatus": "not_installed"}
