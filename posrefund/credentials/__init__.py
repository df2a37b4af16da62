"""The API key: where it comes from, and a type that never prints it."""

from posrefund.credentials.files import keep_in_file, remove_file
from posrefund.credentials.key import MAX_LENGTH, ApiKey
from posrefund.credentials.places import (
    CREDENTIAL_NAME,
    KEY_VARIABLE,
    THE_KEYRING,
    KeyPlace,
    KeySource,
    find_api_key,
    keep_key,
    key_places,
)

__all__ = [
    "CREDENTIAL_NAME",
    "KEY_VARIABLE",
    "MAX_LENGTH",
    "THE_KEYRING",
    "ApiKey",
    "KeyPlace",
    "KeySource",
    "find_api_key",
    "keep_in_file",
    "keep_key",
    "key_places",
    "remove_file",
]
