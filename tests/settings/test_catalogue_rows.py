"""Every row of reliability.md 4.1, 4.6 and 4.7 with its tests; a row without one is seen here.

What stands under `NOT_OURS` is decided in another way by design.md, or is about what there is not.
"""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CATALOGUE = "settings/test_catalogue.py"
AROUND = "settings/test_catalogue_surroundings.py"
WRONG = f"{CATALOGUE}::test_c_110_to_c_140_a_wrong_value_is_named_and_not_repeated"
REMOVED = f"{AROUND}::test_what_could_change_what_is_sent_is_left_out"

ROWS = {
    # 4.1 configuration
    "C-101": [
        f"{CATALOGUE}::test_c_101_to_c_106_what_is_no_configuration_file",
        f"{CATALOGUE}::test_c_101_an_empty_file_is_the_defaults",
    ],
    **dict.fromkeys(
        ["C-102", "C-103", "C-104", "C-105", "C-106"],
        (f"{CATALOGUE}::test_c_101_to_c_106_what_is_no_configuration_file",),
    ),
    "C-110": [WRONG, "settings/test_settings_refused.py"],
    "C-111": [WRONG, "settings/test_settings_refused.py"],
    "C-120": [WRONG, "settings/test_settings_addresses.py"],
    "C-121": [f"{CATALOGUE}::test_c_121_a_live_key_and_an_address_without_tls_do_not_agree"],
    "C-122": [f"{CATALOGUE}::test_c_122_what_is_no_key"],
    "C-123": [
        f"{CATALOGUE}::test_c_123_a_key_file_others_can_reach",
        f"{CATALOGUE}::test_c_123_c_124_a_file_of_another_user",
    ],
    "C-124": [
        f"{CATALOGUE}::test_c_124_a_configuration_others_can_write",
        f"{CATALOGUE}::test_c_123_c_124_a_file_of_another_user",
        f"{CATALOGUE}::test_a_configuration_of_root_is_taken",
    ],
    "C-125": [f"{CATALOGUE}::test_c_125_no_safe_store_for_the_key"],
    "C-130": [WRONG],
    "C-140": [WRONG],
    "C-141": ["cli/test_doctor.py::test_8_a_journal_on_a_network_share"],
    **dict.fromkeys(
        ["C-142", "C-143", "C-144"],
        (f"{CATALOGUE}::test_c_142_to_c_144_a_journal_that_cannot_be",),
    ),
    "C-143, a folder that is not there": [
        f"{CATALOGUE}::test_c_143_a_journal_in_a_folder_that_is_not_there_yet_is_made"
    ],
    "C-145": [
        f"{CATALOGUE}::test_c_145_a_journal_that_is_also_something_else",
        f"{CATALOGUE}::test_c_145_an_export_does_not_write_over_the_journal",
    ],
    "C-146": [f"{CATALOGUE}::test_c_146_a_database_server_is_no_journal_yet"],
    "C-150": [f"{CATALOGUE}::test_c_150_the_file_promises_no_pins"],
    "C-151": [f"{CATALOGUE}::test_c_151_the_hash_of_a_pin_is_refused_strong_or_weak"],
    # 4.6 command line
    "4.6 the key is no argument": [f"{AROUND}::test_the_key_is_no_argument"],
    "4.6 amounts, options, dashes": [f"{AROUND}::test_wrong_use_is_2"],
    "4.6 nobody said yes": [f"{AROUND}::test_without_a_terminal_nothing_is_sent_without_a_yes"],
    "4.6 export": [
        f"{AROUND}::test_an_export_goes_into_a_new_file_of_its_own",
        f"{AROUND}::test_a_name_that_means_something_else_elsewhere_is_refused_everywhere",
        f"{AROUND}::test_the_folder_of_a_kiosk_is_not_left",
        "report/test_fresh_file.py",
        "report/test_file_names.py",
    ],
    "4.6 closed streams, plain surroundings": [
        f"{AROUND}::test_plain_surroundings_are_no_accident",
        "cli/test_start.py::test_closed_streams_are_no_accident",
        "cli/test_start.py::test_a_plain_question_on_a_terminal_has_no_escapes",
    ],
    "4.6 JSON": [
        "cli/test_schemas.py::test_every_command_has_a_schema",
        "cli/test_questions.py::test_foreign_text_cannot_move_the_cursor",
    ],
    # 4.7 environment
    "4.7 TEXTUAL*": [
        REMOVED,
        "test_hygiene.py::test_an_unwanted_variable_is_removed_and_named",
        f"{AROUND}::test_a_kiosk_does_not_start_where_the_environment_could_press_keys",
    ],
    "4.7 SSLKEYLOGFILE": [
        REMOVED,
        "provider/test_transport_tls.py::test_tls_keys_are_not_written_down",
    ],
    "4.7 SSL_CERT_*, *_CA_BUNDLE": [
        REMOVED,
        "provider/test_transport_tls.py::test_the_systems_certificates_do_not_vouch_for_a_stranger",
    ],
    "4.7 *_PROXY, netrc": [REMOVED, "provider/test_transport.py::test_the_environment_has_no_say"],
    "4.7 PYTHON*, LD_PRELOAD": [
        f"{AROUND}::test_pythons_own_variables_and_a_preloaded_library_are_named",
        f"{AROUND}::test_python_itself_can_be_told_to_ignore_its_variables",
        "cli/test_service.py::test_no_variable_of_pythons_own_counts_for_the_service",
        f"{AROUND}::test_a_warning_never_becomes_an_error",
        f"{AROUND}::test_nobody_is_left_at_a_prompt_beside_the_key",
        f"{AROUND}::test_a_kiosk_does_not_start_where_the_environment_could_press_keys",
    ],
    "4.7 HOME, XDG, TMPDIR, TZ, LANG, COLUMNS": [
        f"{AROUND}::test_odd_surroundings_have_fallbacks",
        "test_locations.py",
    ],
    "4.7 KEYRING_*": [REMOVED, "cli/test_key.py::test_the_back_ends_are_named_one_by_one"],
}

NUMBERS = [f"C-{number}" for number in (*range(101, 107), 110, 111, *range(120, 126), 130)]
NUMBERS += [f"C-{number}" for number in (*range(140, 147), 150, 151)]

NOT_OURS = {
    "C-151": "without PINs no hash is ever rehashed: each is refused, a strong one too",
    "4.6 nobody said yes": "--yes is the whole consent, and 2 is wrong use (design.md 7)",
}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_number_of_the_catalogue_has_a_test(number):
    assert ROWS[number]


def test_what_is_decided_otherwise_is_a_row_all_the_same():
    assert NOT_OURS.keys() <= ROWS.keys()


@pytest.mark.parametrize("row", ROWS)
def test_the_tests_of_a_row_are_there(row):
    for named in ROWS[row]:
        file, _, name = named.partition("::")
        tree = ast.parse((TESTS / file).read_text("utf-8"))
        tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in tests if name else tests


def test_every_number_the_program_tells_is_in_the_catalogue():
    program = TESTS.parent / "posrefund"
    told = {
        node.value
        for path in program.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("C-1")
    }
    assert told <= set(NUMBERS)
    assert set(NUMBERS) - told == set()
