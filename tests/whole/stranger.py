"""A script of somebody who never saw the code: only the command, README.md and --help.

`python stranger.py POSREFUND FOLDER` starts the sandbox, sets a kiosk up, gives money back three
times, once with a lost reply, does what README's exit codes say, and checks the export by its own
arithmetic. It prints what it believes as one JSON object. Nothing of posrefund is imported here.
"""

import csv
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

DONE, NOT_DONE, NOT_SENT, UNKNOWN, RUNNING = 0, 1, 4, 5, 6
POSREFUND, FOLDER = sys.argv[1], Path(sys.argv[2])
KEY_FILE = FOLDER / "KEYFILE"
MISHAPS = {  # README, "The sandbox": made, and its answer never comes.
    "faults": [{"on": "POST /refund", "do": "commit_then_hang_up", "times": 1}],
    "settings": {"customer": "auto"},
}
# README, "Samples worth a try": an ordinary sale, another one, and a card that is declined.
ERRANDS = [
    ("T1001.Y", "--amount", "5.00"),
    ("T1002.Y", "--amount", "2.50"),
    ("T3010.Y", "--full"),
]


def posrefund(*words, stdin=subprocess.DEVNULL):
    """Run the command to its end, with no terminal anywhere."""
    done = subprocess.run(
        [POSREFUND, *words], stdin=stdin, capture_output=True, text=True, timeout=100, check=False
    )
    print(f"posrefund {' '.join(words)} -> {done.returncode}", file=sys.stderr)
    print(done.stderr, end="", file=sys.stderr)
    return done.returncode, done.stdout


def give_back(errand, name):
    """One refund, as README has it for scripts. Returns the codes it met; the last is its end."""
    asked = ("refund", *errand, "--id", name, "--yes", "--json", "--no-wait")
    code, _ = posrefund(*asked)
    met = [code]
    if code == NOT_SENT:  # Nothing left this machine, safe to try again: under the same name.
        code, _ = posrefund(*asked)
        met.append(code)
    while code in {UNKNOWN, RUNNING} and len(met) < 10:
        # Do not repeat; recover continues. Then it is asked how this one stands.
        posrefund("recover")
        code, _ = posrefund("status", name, "--json")
        met.append(code)
    return met


def started():
    """Start the sandbox, and return it with its address."""
    script = FOLDER / "mishaps.json"
    script.write_text(json.dumps(MISHAPS), "utf-8")
    sandbox = subprocess.Popen(
        [POSREFUND, "sandbox", "--port", "0", "--script", str(script)],
        stdin=subprocess.DEVNULL,
        stdout=(FOLDER / "sandbox.txt").open("w"),
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in sandbox.stderr:
        found = re.search(r"http://127\.0\.0\.1:\d+/api/v1", line)
        if found:
            return sandbox, found[0]
    sys.exit("the sandbox did not start")


def was_given_back(row):
    """README, "Your data", for the accountant."""
    is_closed = row["state"] == "closed" and row["closed_as"] == "executed"
    return (row["state"] == "succeeded" or is_closed) and not row["alarm"]


def day_sums():
    """Export the day twice, and add the money up that was given back, from either."""
    code, _ = posrefund("export", "--from", "today", "--to", "today", "--output", "day.csv")
    assert code == DONE, "the export as csv"
    code, out = posrefund("export", "--from", "today", "--to", "today", "--json")
    assert code == DONE, "the export as json"
    with Path("day.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    lines = [json.loads(line) for line in out.splitlines()]
    rows = [line for line in lines if "original_reference" in line]
    assert len(table) == len(rows), "both exports have every refund"
    for one in table + rows:
        assert Decimal(one["amount"]) * 100 == int(one["amount_minor"]), one
    sums = [
        sum(Decimal(one["amount"]) for one in many if was_given_back(one)) for many in (table, rows)
    ]
    assert sums[0] == sums[1], "csv and json have the same sum"
    return str(sums[0]), {one["id"]: one["money_moved"] for one in table}


def work():
    """The whole day of a kiosk."""
    sandbox, address = started()
    try:
        KEY_FILE.touch(mode=0o600)
        KEY_FILE.write_text("t_c4na7y_of_a_stranger\n", "utf-8")
        with KEY_FILE.open() as key:
            code, _ = posrefund(
                *("init", "--counter", "Kiosk 7", "--language", "nld", "--base-url", address),
                *("--terminal-id", "1234536", "--management-system-id", "000103030"),
                *("--unattended", "--key-stdin"),
                stdin=key,
            )
        assert code == DONE, "init"
        codes = {}
        for number, errand in enumerate(ERRANDS):
            name = f"kiosk7-{number:04d}"
            codes[name] = give_back(errand, name)
        code, still_open = posrefund("list", "--open", "--json")
        assert (code, still_open) == (DONE, ""), "nothing is left open"
        total, moved = day_sums()
        for name, met in codes.items():
            assert met[-1] in {DONE, NOT_DONE}, f"{name} has an end"
            assert moved[name] == {DONE: "yes", NOT_DONE: "no"}[met[-1]], name
        print(json.dumps({"codes": codes, "total": total, "site": address}), flush=True)
        sys.stdin.readline()  # Whoever checks this looks into the ledger meanwhile.
    finally:
        sandbox.terminate()
        sandbox.wait(30)


if __name__ == "__main__":
    work()
