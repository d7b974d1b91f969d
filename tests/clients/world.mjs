// What the steps share: the sandbox that the environment names (claviger sandbox --print-env), one
// client of each Azure SDK on it, and a few words to say what must happen.
import dns from "node:dns";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { ClientSecretCredential } from "@azure/identity";
import { KeyClient, CryptographyClient } from "@azure/keyvault-keys";
import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { StorageManagementClient } from "@azure/arm-storage";
import { BatchManagementClient } from "@azure/arm-batch";
import { ManagedServiceIdentityClient } from "@azure/arm-msi";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { ResourceManagementClient } from "@azure/arm-resources";
import { ResourceGraphClient } from "@azure/arm-resourcegraph";
import { AutomationClient } from "@azure/arm-automation";

export { assert, randomUUID };

const env = (name) => {
  const value = process.env["CLAVIGER_" + name];
  assert.ok(value, `CLAVIGER_${name} is not set: eval "$(claviger sandbox ... --print-env)"`);
  return value;
};

export const arm = env("ARM"), authority = env("AUTHORITY"), tenant = env("TENANT");
export const subscription = env("SUBSCRIPTION");
export const local = authority.includes("//localhost:");

// The system's resolver need not know names below localhost.
if (local) {
  const lookup = dns.lookup;
  dns.lookup = (host, options, done) => {
    if (!host.endsWith(".localhost")) return lookup(host, options, done);
    if (typeof options === "function") [options, done] = [{}, options];
    const found = { address: "127.0.0.1", family: 4 };
    return options.all ? done(null, [found]) : done(null, found.address, found.family);
  };
}

export const credentialWith = (secret) =>
  new ClientSecretCredential(tenant, env("CLIENT_ID"), secret, {
    authorityHost: authority,
    disableInstanceDiscovery: local,
  });

// Two old clients ask for a token of the public cloud whatever their endpoint is.
const secretCredential = credentialWith(env("CLIENT_SECRET"));
export const credential = {
  getToken(scopes, options) {
    const one = [].concat(scopes)[0];
    const own = one.startsWith("https://management.azure.com") ? `${arm}/.default` : one;
    return secretCredential.getToken(own, options);
  },
};

const options = { endpoint: arm, $host: arm, credentialScopes: [`${arm}/.default`] };
export const resources = new ResourceManagementClient(credential, subscription, options);
export const vaults = new KeyVaultManagementClient(credential, subscription, options);
export const storage = new StorageManagementClient(credential, subscription, options);
export const batch = new BatchManagementClient(credential, subscription, options);
export const identities = new ManagedServiceIdentityClient(credential, subscription, options);
export const roles = new AuthorizationManagementClient(credential, subscription, options);
export const graph = new ResourceGraphClient(credential, { baseUri: arm });
export const automation = new AutomationClient(credential, subscription, "status", { baseUri: arm });

export const vaultUrl = (name) => `https://${name}${env("VAULT_SUFFIX")}`;
export const keysOf = (name) => new KeyClient(vaultUrl(name), credential);
export const cryptoOf = (key) => new CryptographyClient(key, credential);

export const operatorId = async () => {
  const token = await credential.getToken(`${arm}/.default`);
  return JSON.parse(Buffer.from(token.token.split(".")[1], "base64url")).oid;
};

// A refusal with one of the statuses, and, when given, with a code.
export const refused = async (promise, statuses, code) => {
  try {
    await promise;
  } catch (error) {
    const status = error.statusCode ?? error.status;
    assert.ok([].concat(statuses).includes(status), `status ${status}: ${error.message}`);
    if (code) assert.equal(error.code ?? error.details?.error?.code, code, error.message);
    return error;
  }
  assert.fail("not refused");
};

// Tries again until a grant has taken effect.
export const eventually = async (attempt, seconds = 60) => {
  for (const end = Date.now() + seconds * 1000; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
};

let failed = 0, passed = 0;
export const step = async (name, work) => {
  try {
    await work();
    passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}: ${error.message}`);
    if (process.env.V) console.log(error);
  }
};
export const finish = () => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
};
