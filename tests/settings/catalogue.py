"""What the tests of the catalogue of bad input share."""

KEY = "t_0123456789abcdef"
LIVE_KEY = "l_0123456789abcdef"
NOBODY = "[provider]\nbase_url = 'http://127.0.0.1:9/api/v1'\n"
"""Where nobody listens: what is not refused as it should be must not reach CCV either."""


def refused(ended, code, why, number):
    """It was refused in one line with its number, and nothing was sent."""
    assert ended.returncode == code, ended.stderr
    assert why in ended.stderr
    assert ended.stderr.startswith("Nothing was sent.")
    assert ended.stderr.endswith(f" ({number})\n")
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""
