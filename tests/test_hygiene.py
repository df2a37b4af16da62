"""What the environment must not be able to do."""

import subprocess
import sys

import pytest

from posrefund.hygiene import clean_environment

UNWANTED = [
    "TEXTUAL",
    "TEXTUAL_PRESS",
    "TEXTUAL_DRIVER",
    "TEXTUAL_SCREENSHOT",
    "TEXTUAL_SCREENSHOT_LOCATION",
    "TEXTUAL_DEBUG",
    "TEXTUAL_LOG",
    "TEXTUAL_DEVTOOLS_HOST",
    "TEXTUAL_SOMETHING_NEW",
    "SSLKEYLOGFILE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_PROXY",
    "http_proxy",
    "Https_Proxy",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "FTP_PROXY",
    "KEYRING_PROPERTY_SCHEME",
    "PYTHON_KEYRING_BACKEND",
]
WANTED = {
    "HOME": "/home/x",
    "PATH": "/bin",
    "TERM": "xterm",
    "POSREFUND_API_KEY": "t_x",
    "LANG": "",
}


@pytest.mark.parametrize("name", UNWANTED)
def test_an_unwanted_variable_is_removed_and_named(name):
    environ = {**WANTED, name: "secret"}
    assert clean_environment(environ) == [name]
    assert environ == WANTED


def test_all_of_them_go_at_once_in_order():
    environ = {**WANTED, **dict.fromkeys(UNWANTED, "1")}
    assert clean_environment(environ) == sorted(UNWANTED)
    assert environ == WANTED


def test_a_clean_environment_is_left_alone():
    environ = dict(WANTED)
    assert clean_environment(environ) == []
    assert environ == WANTED


@pytest.mark.skipif(sys.platform != "linux", reason="reads it back the way Linux offers")
def test_a_hardened_process_makes_private_files_and_dumps_nothing(tmp_path):
    program = """
import ctypes, os, resource, sys
from posrefund.hygiene import harden_process
harden_process()
open(sys.argv[1], "w").close()
print(oct(os.stat(sys.argv[1]).st_mode & 0o777))
print(resource.getrlimit(resource.RLIMIT_CORE))
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "new")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[:3] == ["0o600", "(0, 0)", "0"]
