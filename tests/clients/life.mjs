// The life of a customer key for the three services, told by Microsoft's own SDKs: create, identity,
// grant, key, switch, rotate, revoke, restore, detach; and what Azure refuses.
import {
  assert, arm, automation, batch, credentialWith, cryptoOf, eventually, finish, graph, identities,
  keysOf, operatorId, randomUUID, refused, resources, roles, step, storage, subscription, tenant,
  vaults, vaultUrl,
} from "./world.mjs";

const group = "rg-clients", location = "westeurope";
const mark = randomUUID().slice(0, 6);
const vault = `kv-cl-${mark}`, roleVault = `kv-rb-${mark}`;
const scope = `/subscriptions/${subscription}/resourceGroups/${group}`;
const encryptionUser = "e147488a-f6f5-4113-8e2d-b22465e65bf6";
const cryptoOfficer = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603";
const self = await operatorId();
const keys = keysOf(vault);
const bytes = Buffer.from("0123456789abcdef0123456789abcdef");

const versionOf = (key) => key.properties.version;
const patch = (id, version, body) => resources.resources.beginUpdateByIdAndWait(id, version, body);
const grant = (principal, permissions) =>
  vaults.vaults.updateAccessPolicy(group, vault, "add", {
    properties: {
      accessPolicies: [{ tenantId: tenant, objectId: principal, permissions: { keys: permissions } }],
    },
  });

await step("a wrong secret is refused in Entra's words", async () => {
  const error = await credentialWith("wrong").getToken(`${arm}/.default`).catch((e) => e);
  assert.match(error.message, /AADSTS7000215/);
});
await step("a resource group", () => resources.resourceGroups.createOrUpdate(group, { location }));
await step("a vault with access policies and purge protection", async () => {
  const made = await vaults.vaults.beginCreateOrUpdateAndWait(group, vault, {
    location,
    properties: {
      tenantId: tenant,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: false,
      accessPolicies: [{ tenantId: tenant, objectId: self, permissions: { keys: ["all", "purge"] } }],
    },
  });
  assert.equal(made.properties.vaultUri, `${vaultUrl(vault)}/`);
});
let key;
await step("a key, and its proof: wrapped here, unwrapped there", async () => {
  key = await keys.createRsaKey("cmk", { keySize: 2048 });
  const crypto = cryptoOf(key);
  const wrapped = await crypto.wrapKey("RSA-OAEP-256", bytes);
  const back = await crypto.unwrapKey("RSA-OAEP-256", wrapped.result);
  assert.deepEqual(Buffer.from(back.result), bytes);
});

// Automation: its SDK is older than identities, so the rest goes through the generic client.
const aa = `aa-clients-${mark}`, aaId = `${scope}/providers/Microsoft.Automation/automationAccounts/${aa}`;
const aaVersion = "2023-11-01";
const aaKey = (version) => ({
  identity: { type: "SystemAssigned" },
  properties: {
    encryption: {
      keySource: "Microsoft.Keyvault",
      keyVaultProperties: { keyName: "cmk", keyvaultUri: vaultUrl(vault), keyVersion: version },
    },
  },
});
const aaEncryption = async () =>
  (await resources.resources.getById(aaId, aaVersion)).properties.encryption;
await step("an Automation account gets an identity", async () => {
  await automation.automationAccount.createOrUpdate(group, aa, {
    location, name: aa, sku: { name: "Basic" },
  });
  const made = await patch(aaId, aaVersion, { identity: { type: "SystemAssigned" } });
  assert.match(made.identity.principalId, /^[0-9a-f-]{36}$/);
  await refused(patch(aaId, aaVersion, aaKey(versionOf(key))), [400, 403]);
  await grant(made.identity.principalId, ["get", "recover", "wrapKey", "unwrapKey"]);
});
await step("no switch without purge protection, nor with another version or without identity", async () => {
  await refused(patch(aaId, aaVersion, aaKey(versionOf(key))), 400);
  await vaults.vaults.update(group, vault, { properties: { enablePurgeProtection: true } });
  await refused(patch(aaId, aaVersion, aaKey("0".repeat(32))), [400, 404]);
  const { properties } = aaKey(versionOf(key));
  await refused(patch(aaId, aaVersion, { properties }), 400);
  assert.equal((await aaEncryption()).keySource, "Microsoft.Automation");
});
await step("Automation switches, follows a rotation, and is refused while the key is off", async () => {
  await patch(aaId, aaVersion, aaKey(versionOf(key)));
  assert.equal((await aaEncryption()).keyVaultProperties.keyVersion, versionOf(key));
  const next = await keys.rotateKey("cmk");
  assert.notEqual(versionOf(next), versionOf(key));
  await patch(aaId, aaVersion, aaKey(versionOf(next)));
  await keys.updateKeyProperties("cmk", versionOf(next), { enabled: false });
  await refused(cryptoOf(next).unwrapKey("RSA-OAEP", Buffer.alloc(256, 1)), 403);
  await refused(patch(aaId, aaVersion, aaKey(versionOf(next))), [400, 403]);
  await keys.updateKeyProperties("cmk", versionOf(next), { enabled: true });
  await patch(aaId, aaVersion, aaKey(versionOf(next)));
  key = next;
});
await step("Automation goes back to Microsoft's keys", async () => {
  await patch(aaId, aaVersion, {
    identity: { type: "SystemAssigned" },
    properties: { encryption: { keySource: "Microsoft.Automation" } },
  });
  assert.equal((await aaEncryption()).keyVaultProperties, undefined);
});

// Storage: a vault with roles, a user-assigned identity, the newest version by itself.
const st = `stclients${mark}`;
let identity, grantName;
await step("an identity, and a role on a vault with roles", async () => {
  await vaults.vaults.beginCreateOrUpdateAndWait(group, roleVault, {
    location,
    properties: {
      tenantId: tenant,
      sku: { family: "A", name: "standard" },
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
    },
  });
  identity = await identities.userAssignedIdentities.createOrUpdate(group, `id-${mark}`, { location });
  const on = `${scope}/providers/Microsoft.KeyVault/vaults/${roleVault}`;
  const assign = (principalId, role) =>
    roles.roleAssignments.create(on, randomUUID(), {
      principalId, principalType: "ServicePrincipal",
      roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    });
  await assign(self, cryptoOfficer);
  grantName = (await assign(identity.principalId, encryptionUser)).id;
  await refused(assign(identity.principalId, encryptionUser), 409, "RoleAssignmentExists");
  await eventually(() => keysOf(roleVault).createRsaKey("cmk", { keySize: 3072 }));
});
const stKey = (changes) =>
  storage.storageAccounts.update(group, st, {
    encryption: {
      keySource: "Microsoft.Keyvault",
      keyVaultProperties: { keyName: "cmk", keyVaultUri: vaultUrl(roleVault), keyVersion: "" },
      encryptionIdentity: { encryptionUserAssignedIdentity: identity.id },
      ...changes,
    },
  });
await step("Storage switches to the newest version and follows it", async () => {
  await storage.storageAccounts.beginCreateAndWait(group, st, {
    location, kind: "StorageV2", sku: { name: "Standard_LRS" },
    identity: { type: "UserAssigned", userAssignedIdentities: { [identity.id]: {} } },
  });
  const first = await eventually(() => stKey());
  const before = first.encryption.keyVaultProperties.currentVersionedKeyIdentifier;
  assert.match(before, /\/keys\/cmk\/[0-9a-f]{32}$/);
  await keysOf(roleVault).rotateKey("cmk");
  const after = (await stKey()).encryption.keyVaultProperties.currentVersionedKeyIdentifier;
  assert.notEqual(after, before);
});
await step("a role that is taken away is missed, and put back", async () => {
  await roles.roleAssignments.deleteById(grantName);
  await eventually(() => refused(stKey(), [400, 403]));
  await roles.roleAssignments.createById(grantName, {
    principalId: identity.principalId, principalType: "ServicePrincipal",
    roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${encryptionUser}`,
  });
  await eventually(() => stKey());
});
await step("Storage goes back to Microsoft's keys", async () => {
  const back = await storage.storageAccounts.update(group, st, {
    encryption: { keySource: "Microsoft.Storage" },
  });
  assert.equal(back.encryption.keyVaultProperties, undefined);
});

// Batch: its identity comes with the account.
const ba = `baclients${mark}`;
const baKey = (identifier) =>
  batch.batchAccountOperations.update(group, ba, {
    encryption: { keySource: "Microsoft.KeyVault", keyVaultProperties: { keyIdentifier: identifier } },
  });
await step("Batch switches, is cut off, and comes back", async () => {
  const made = await batch.batchAccountOperations.beginCreateAndWait(group, ba, {
    location, identity: { type: "SystemAssigned" },
  });
  await grant(made.identity.principalId, ["get", "wrapKey", "unwrapKey"]);
  const on = await baKey(key.id);
  assert.equal(on.encryption.keyVaultProperties.keyIdentifier, key.id);
  await keys.updateKeyProperties("cmk", versionOf(key), { enabled: false });
  await refused(batch.batchAccountOperations.update(group, ba, { tags: { a: "b" } }), [400, 403, 409]);
  await keys.updateKeyProperties("cmk", versionOf(key), { enabled: true });
  await batch.batchAccountOperations.update(group, ba, { tags: { a: "b" } });
  const back = await batch.batchAccountOperations.update(group, ba, {
    encryption: { keySource: "Microsoft.Batch" },
  });
  assert.equal(back.encryption.keySource, "Microsoft.Batch");
});
await step("Batch can be deleted while its key is off", async () => {
  await baKey(key.id);
  await keys.updateKeyProperties("cmk", versionOf(key), { enabled: false });
  await batch.batchAccountOperations.beginDeleteAndWait(group, ba);
  await keys.updateKeyProperties("cmk", versionOf(key), { enabled: true });
});

await step("a deleted key keeps its name, cannot be purged, and comes back with its versions", async () => {
  const deleted = await (await keys.beginDeleteKey("cmk")).pollUntilDone();
  assert.ok(deleted.properties.scheduledPurgeDate > new Date());
  await refused(keys.createRsaKey("cmk"), 409);
  await refused(keys.purgeDeletedKey("cmk"), 403);
  await (await keys.beginRecoverDeletedKey("cmk")).pollUntilDone();
  let versions = 0;
  for await (const page of keys.listPropertiesOfKeyVersions("cmk").byPage({ maxPageSize: 1 }))
    versions += page.length;
  assert.equal(versions, 2);
});
await step("a key of a curve is no customer key", async () => {
  const curve = await keys.createEcKey("curve");
  await refused(patch(aaId, aaVersion, {
    identity: { type: "SystemAssigned" },
    properties: {
      encryption: {
        keySource: "Microsoft.Keyvault",
        keyVaultProperties: { keyName: "curve", keyvaultUri: vaultUrl(vault), keyVersion: versionOf(curve) },
      },
    },
  }), 400);
});
await step("Resource Graph knows the accounts", async () => {
  const found = await graph.resources({
    subscriptions: [subscription],
    query: `Resources | where type =~ 'microsoft.storage/storageaccounts' and name =~ '${st}' | project id, name`,
    options: { resultFormat: "objectArray" },
  });
  assert.deepEqual(found.data.map((row) => row.name), [st]);
});
await step("a vault is deleted, keeps its name, and comes back with its policies", async () => {
  await vaults.vaults.delete(group, vault);
  const names = [];
  for await (const one of vaults.vaults.listDeleted()) names.push(one.name);
  assert.ok(names.includes(vault));
  await vaults.vaults.beginCreateOrUpdateAndWait(group, vault, {
    location,
    properties: { createMode: "recover", tenantId: tenant, sku: { family: "A", name: "standard" } },
  });
  const back = await vaults.vaults.get(group, vault);
  assert.ok(back.properties.accessPolicies.some((one) => one.objectId === self));
});
finish();
