"""Cancellation rules that somebody published, ready to be taken over."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec

from interpreters.domain.cancellations import PolicyRule


class PolicyPreset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules as published: whose, from where, and what of them is not expressed here."""

    title: str
    source: str
    note: str
    rules: Sequence[PolicyRule]


@cache
def policy_presets() -> Mapping[str, PolicyPreset]:
    """Return every preset by its name, in the order of the names."""
    folder = files("interpreters.domain").joinpath("data", "policies")
    found = sorted(folder.iterdir(), key=lambda one: one.name)
    return {
        one.name.removesuffix(".json"): msgspec.json.decode(one.read_bytes(), type=PolicyPreset)
        for one in found
        if one.name.endswith(".json")
    }
