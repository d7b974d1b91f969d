"""Reads what az is given by --id."""

from urllib.parse import urlsplit


class KeyVaultIdentifier:
    """The parts of https://HOST/COLLECTION/NAME[/VERSION]; the port is dropped, as by the original."""

    def __init__(self, uri=None, collection=None, **_):
        parts = urlsplit(uri)
        path = parts.path.strip("/").split("/")
        if not parts.hostname or len(path) not in (2, 3) or path[0].lower() != collection.lower():
            raise ValueError("not the id of one of %s: %s" % (collection, uri))
        self.id = uri
        self.vault = "%s://%s" % (parts.scheme, parts.hostname)
        self.name = path[1]
        self.version = path[2] if len(path) == 3 else ""
