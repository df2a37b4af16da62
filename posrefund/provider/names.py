"""Looking a server's name up, for no longer than there is time."""

import socket
import threading


def addresses(host: str, port: int, *, seconds: float) -> list[str]:
    """Return the addresses of `host`, in the order in which they should be tried.

    The resolver has its own idea of patience, often half a minute; it is left behind after
    `seconds`.

    Raises:
        TimeoutError: If it has not answered by then.
        OSError: If there is no such name.
    """
    found: list[str] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append(str(entry[4][0]))
        except OSError as error:
            failed.append(error)
        except UnicodeError:
            failed.append(socket.gaierror("that is no name"))

    # A thread that nobody waits for any more ends with the program.
    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError("the resolver did not answer")
    if failed or not found:
        raise failed[0] if failed else socket.gaierror("no address")
    return list(dict.fromkeys(found))
