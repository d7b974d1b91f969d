"""A stand-in for the first generation of Key Vault's client, on azure-keyvault-keys."""
