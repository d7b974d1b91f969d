/* What vaults and managed HSMs answer; the inner code where there is one, since the outer one is
 * Forbidden for five different reasons. */
#include "backend/base/err.h"
#include "backend/codes/code.h"

static const char vault[] = "Key Vault or managed HSM";
static const char azure[] = "Key Vault and Azure Resource Manager";
static const char errors[] = "Key Vault REST API error codes";
static const char rbac[] = "Provide access to Key Vault keys with Azure role-based access control";
static const char soft[] = "Key Vault soft-delete overview";
static const char attributes[] = "About keys, key attributes";

static const struct code codes[] = {
	{"AccessDenied", vault, "The vault's access policies do not give the caller this right.",
		"The vault works by access policies, and the entry of the caller lacks the right or is "
		"missing. Role assignments do not count there for what is done with keys.",
		"Of yourself: have the right granted. Of an account's identity: claviger grant.",
		errors},
	{"ForbiddenByPolicy", vault,
		"The vault's access policies do not give the caller this right.",
		"The entry of the caller in the access policies lacks the right or is missing.",
		"Of yourself: have the right granted. Of an account's identity: claviger grant.",
		errors},
	{"ForbiddenByRbac", vault, "No role assignment gives the caller this right.",
		"The role was never assigned, stands at another scope, or is on its way: an assignment "
		"takes up to ten minutes to be seen. Access policies do not count in a vault that works "
		"by roles.",
		"Wait some minutes after an assignment, else have the role assigned; claviger grant "
		"gives an identity its role. claviger policy list --vault V shows who has what.",
		rbac},
	{"ForbiddenByFirewall", vault, "The vault's firewall refuses the address of the caller.",
		"The vault is open to chosen networks only, and this machine or service is in none of "
		"them. Storage and Batch may be let through as trusted services, Automation may not.",
		"Call from an allowed network, or have the address added. claviger help firewall tells "
		"which service passes.",
		"Virtual network service endpoints for Azure Key Vault, trusted services"},
	{"ForbiddenByConnection", vault, "The vault takes no calls over this kind of connection.",
		"Public network access is off, and the call did not come by a private endpoint.",
		"Call from a network with a private endpoint of the vault.",
		"Diagnose private links configuration issues on Azure Key Vault"},
	{"Forbidden", vault, "The caller may not do this; an inner code tells why.",
		"A right, the firewall, a disabled key or purge protection.",
		"See the message; where it names an inner code, claviger explain tells of that.",
		errors},
	{"KeyDisabled", vault, "The version of the key is disabled, so nothing is done with it.",
		"Somebody disabled it: to cut the data off, or because it was held to be unused. A "
		"disabled key can still be read, which is no sign that it works.",
		"If that was not wanted: claviger key enable. After a cut: claviger restore.",
		attributes},
	{"KeyExpired", vault, "The version of the key is past its expiry.",
		"Wrapping and encrypting end with the expiry; unwrapping goes on, so accounts that are "
		"on it keep working and cannot be set to it anew.",
		"Make a new version and move the accounts: claviger rotate.",
		"About keys, date-time controlled operations"},
	{"KeyNotYetValid", vault, "The version of the key is not valid yet.",
		"Its not-before time lies ahead, or the clock here or there is wrong.",
		"Wait, or use another version: claviger key versions KEY.",
		"About keys, date-time controlled operations"},
	{"KeyNotFound", vault, "There is no key of this name, or no such version of it.",
		"The name or version is misspelt, or the key was deleted and can perhaps be recovered.",
		"claviger key list; claviger key recover brings a deleted one back.", soft},
	{"KeyOperationForbidden", vault, "The key does not permit this operation.",
		"The list of permitted operations of the key has no wrapKey or unwrapKey.",
		"Permit both on the key, or choose another: claviger key show KEY.",
		"About keys, key access control"},
	{"ObjectIsDeletedButRecoverable", vault, "A deleted key still holds this name.",
		"Soft delete keeps it until its retention ends; until then the name cannot be used.",
		"claviger key recover brings it back; else give another name.", soft},
	{"ObjectIsBeingDeleted", vault, "The key is being deleted at this moment.",
		"Deleting takes up to two minutes in a vault.",
		"Wait; claviger key recover waits by itself.", soft},
	{"ObjectIsBeingRecovered", vault, "The key is being recovered at this moment.",
		"For some seconds after that it is not found.", "Wait some seconds.", soft},
	{"RequestNotAllowedOnNonDeletedObject", vault,
		"This is for deleted keys, and it is not deleted.", NULL,
		"Nothing is to be recovered: claviger key show KEY.", soft},
	{"BadParameter", vault, "A part of the address or the body is not valid.",
		"Mostly a name with characters that no key has, or a size that there is not.",
		"Names of keys are letters, digits and hyphens, up to 127.", errors},
	{"NotSupported", vault, "This vault or HSM cannot do that.",
		"As it is with automatic rotation on managed HSMs of an old release.",
		"Do it by hand: claviger rotate.",
		"Configure cryptographic key auto-rotation in Azure Key Vault"},
	{"Throttled", vault, "Too many requests to the vault.",
		"A vault takes a limited number of operations in ten seconds, fewer for RSA keys and for "
		"making keys; everybody who uses it counts.",
		"claviger waits and tries again by itself; spread the users over more vaults if it "
		"happens in daily work.",
		"Azure Key Vault throttling guidance"},
	{"Unauthorized", vault, "The token is missing or not accepted.",
		"AKV10022: it is for another audience, so for another cloud; AKV10032: it is of another "
		"tenant than the vault.",
		"Check the profile's cloud and tenant: claviger doctor.", errors},
	{"AKV10000", vault, "The request came without a token.",
		"The first answer to every new caller: it tells where to sign in.",
		"Nothing is to be done; if it stays, something between here and the vault removes the "
		"Authorization header.",
		errors},
	{"AKV10022", vault, "The token is for another audience.",
		"It was asked for in another cloud, or for the resource manager.",
		"Check the profile's cloud: claviger profile list.", errors},
	{"AKV10032", vault, "The token is of another tenant than the vault.",
		"The vault belongs to another tenant, or its subscription has moved.",
		"Sign in to the vault's tenant: a profile may have several tenants.", errors},
	{"ConflictError", vault, "A vault of this name is deleted and can be recovered.",
		"Soft delete keeps the name taken.",
		"claviger vault recover, or another name; claviger vault deleted lists them.",
		soft},
	{"Conflict", azure, "It conflicts with something that is there.",
		"Something of the name exists or is deleted, or two changes met.",
		"See the message, look at what is there, and run it again: it reads before it changes "
		"anything.",
		errors},
	{"VaultAlreadyExists", vault, "The name of the vault is taken.",
		"Names of vaults are unique in the whole cloud, across all customers.",
		"Give another name.", soft},
	{"VaultNameNotValid", vault, "The name cannot be a vault's.", NULL,
		"3 to 24 letters, digits and single hyphens, beginning with a letter, not ending with a hyphen.",
		"Key Vault REST 2023-07-01, Vaults Create Or Update"},
	{"VaultNotFound", vault, "There is no such vault.", "It was deleted, or the name is wrong.",
		"claviger vault list; claviger vault deleted.", soft},
	{"DeletedVaultNotFound", vault, "There is no deleted vault of this name to recover.",
		"Its retention has ended, it was purged, or it was in another region or subscription.",
		"claviger vault deleted lists those that can be recovered.", soft},
	{"SoftDeletedVaultDoesNotExist", vault,
		"There is no deleted vault of this name to recover.",
		"Its retention has ended, it was purged, or it was in another region or subscription.",
		"claviger vault deleted lists those that can be recovered.", soft},
	{"DeletedVaultPurge", vault, "A deleted vault may not be purged.",
		"Purge protection keeps it until its retention ends; nobody can shorten that.",
		"Wait, or recover it: claviger vault recover.", soft},
	{"MethodNotAllowed", vault, "This cannot be done to it.",
		"Mostly purging what purge protection keeps.",
		"Recover it, or wait until its retention ends.", soft},
};
const struct code_table codes_vault = {codes, ARRAY_LEN(codes), errors};
