"""The calls of az 2.45 that still go through the old client, sent by azure-keyvault-keys."""

from types import SimpleNamespace

from azure.core.credentials import AccessToken

API_VERSION = "7.0"


class _Credential:
    """az's callback for tokens in the form that azure-keyvault-keys asks for."""

    def __init__(self, callback):
        self._callback = callback

    def get_token(self, *scopes, **_):
        resource = scopes[0][:-len("/.default")] if scopes[0].endswith("/.default") else scopes[0]
        _, token, entry = self._callback(None, resource, None)
        return AccessToken(token, entry["expires_on"])


def _described(properties, **more):
    return SimpleNamespace(
        managed=properties.managed,
        tags=properties.tags,
        attributes=SimpleNamespace(
            enabled=properties.enabled,
            created=properties.created_on,
            updated=properties.updated_on,
            expires=properties.expires_on,
            not_before=properties.not_before,
            recovery_level=properties.recovery_level),
        **more)


def _bundle(found, **more):
    return _described(found.properties, key=found.key, **more)


def _gone(found):
    return {
        "recovery_id": found.recovery_id,
        "deleted_date": found.deleted_date,
        "scheduled_purge_date": found.scheduled_purge_date,
    }


class KeyVaultClient:
    """What az hands over besides (identifier, hsm_name) is in kwargs, a name it does not look into."""

    def __init__(self, credentials, api_version=None):
        self._credential = _Credential(credentials.callback)

    def _keys(self, vault_base_url):
        from azure.keyvault.keys import KeyClient
        return KeyClient(vault_base_url, self._credential, api_version=API_VERSION)

    def get_keys(self, vault_base_url, maxresults=None, **kwargs):
        """List keys in the vault."""
        found = self._keys(vault_base_url).list_properties_of_keys(max_page_size=maxresults)
        return [_described(one, kid=one.id) for one in found]

    def get_key_versions(self, vault_base_url, key_name, maxresults=None, **kwargs):
        """List the versions of a key."""
        found = self._keys(vault_base_url).list_properties_of_key_versions(
            key_name, max_page_size=maxresults)
        return [_described(one, kid=one.id) for one in found]

    def get_deleted_keys(self, vault_base_url, maxresults=None, **kwargs):
        """List deleted keys."""
        found = self._keys(vault_base_url).list_deleted_keys(max_page_size=maxresults)
        return [_described(one.properties, kid=one.id, **_gone(one)) for one in found]

    def get_key(self, vault_base_url, key_name, key_version):
        """Show a key."""
        return _bundle(self._keys(vault_base_url).get_key(key_name, key_version))

    def get_deleted_key(self, vault_base_url, key_name, **kwargs):
        """Show a deleted key."""
        found = self._keys(vault_base_url).get_deleted_key(key_name)
        return _bundle(found, **_gone(found))

    def delete_key(self, vault_base_url, key_name, **kwargs):
        """Delete a key."""
        found = self._keys(vault_base_url).begin_delete_key(key_name).result()
        return _bundle(found, **_gone(found))

    def purge_deleted_key(self, vault_base_url, key_name, **kwargs):
        """Purge a deleted key."""
        self._keys(vault_base_url).purge_deleted_key(key_name)

    def recover_deleted_key(self, vault_base_url, key_name, **kwargs):
        """Recover a deleted key."""
        return _bundle(self._keys(vault_base_url).begin_recover_deleted_key(key_name).result())

    def backup_key(self, vault_base_url, key_name):
        """Back up a key."""
        return SimpleNamespace(value=self._keys(vault_base_url).backup_key(key_name))

    def restore_key(self, vault_base_url, key_bundle_backup):
        """Restore a key."""
        return _bundle(self._keys(vault_base_url).restore_key_backup(key_bundle_backup))

    def create_key(self):
        """Create a key."""
