"""The names that az 2.45 imports from the unversioned package."""

__path__ = __import__("pkgutil").extend_path(__path__, __name__)


class KeyVaultAuthentication:
    """Holds az's way to get a token: get_token(server, resource, scope)."""

    def __init__(self, authorization_callback):
        self.callback = authorization_callback


def __getattr__(name):
    if name == "KeyVaultClient":
        from azure.keyvault.v7_0.key_vault_client import KeyVaultClient
        return KeyVaultClient
    raise AttributeError(name)
