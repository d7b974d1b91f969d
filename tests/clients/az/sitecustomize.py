"""Repairs of Debian's azure-cli 2.45, loaded by PYTHONPATH; nothing that az sends is changed.

- names below localhost are looked up here, for resolvers that do not know them;
- azure-mgmt-authorization 3 no longer has the .config that az asks its clients for;
- azure.keyvault.v7_0 is not packaged: see azure/keyvault/v7_0 beside this file.
"""

import importlib.abc
import importlib.machinery
import socket
import sys
import types

_lookup = socket.getaddrinfo


def _getaddrinfo(host, port, *rest, **named):
    name = host.decode() if isinstance(host, bytes) else host
    if isinstance(name, str) and name.endswith(".localhost"):
        host = "127.0.0.1"
    return _lookup(host, port, *rest, **named)


socket.getaddrinfo = _getaddrinfo


def _mend(module):
    client = module.AuthorizationManagementClient

    def operations(self, name):
        found = _attribute(self, name)
        if found is not None and not hasattr(found, "config"):
            found.config = types.SimpleNamespace(
                subscription_id=self._config.subscription_id)
        return found

    _attribute = client.__getattribute__

    def getattribute(self, name):
        if name in ("role_definitions", "role_assignments"):
            return operations(self, name)
        return _attribute(self, name)

    client.__getattribute__ = getattribute
    return module


class _Mender(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Mends the client's module once it has been loaded."""

    NAME = "azure.mgmt.authorization._authorization_management_client"

    def find_spec(self, name, path, target=None):
        if name != self.NAME:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None:
            return None
        self._inner = spec.loader
        spec.loader = self
        return spec

    def create_module(self, spec):
        return self._inner.create_module(spec)

    def exec_module(self, module):
        self._inner.exec_module(module)
        _mend(module)


sys.meta_path.insert(0, _Mender())
