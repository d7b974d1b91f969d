"""Model names that az 2.45 only mentions; one for each that is asked for."""

import enum


class KeyVaultErrorException(Exception):
    pass


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if name.endswith(("Type", "Operation")):
        made = enum.Enum(name, {"none": "none"})
    else:
        made = type(name, (), {})
    globals()[name] = made
    return made
