/* How the process ends, and what HTTP says: numbers that people look up as they look up names. */
#include "backend/base/err.h"
#include "backend/codes/code.h"

static const char ours[] = "exit code of claviger";
static const char http[] = "HTTP status";

static const struct code exits[] = {
	{"0", ours, "done", "All that was asked for is done and was read back, or was so before.",
		"Nothing is to be done.", NULL},
	{"1", ours, "failed",
		"It was tried and did not work; the line on standard error says where.",
		"Look the code at the end of that line up: claviger explain CODE. What was begun stands "
		"in claviger operations.",
		NULL},
	{"2", ours, "usage",
		"The words of the call or a line of the configuration are wrong; nothing was sent.",
		"Mend what the message names: claviger COMMAND --help.", NULL},
	{"3", ours, "not found", "No account, vault, key or code of that name can be seen.",
		"Check the name, the profile and the subscription: claviger doctor.", NULL},
	{"4", ours, "denied",
		"Azure refused it with 401 or 403, there is no sign-in, or --read-only is set.",
		"claviger doctor tells who is signed in and what that opens.", NULL},
	{"5", ours, "refused",
		"Preflight found something in the way, something conflicts, or what the plan was made "
		"for has changed meanwhile. Nothing was changed after that was seen.",
		"Do what the findings say: the same call with --dry-run lists them.", NULL},
	{"6", ours, "unavailable",
		"Azure limited the calls, did not answer or could not be reached, and trying again did "
		"not help.",
		"Try again later; claviger resume goes on with what was begun.", NULL},
	{"10", ours, "changes pending", "A dry run found something to do, or a plan was written.",
		"Look at the steps, then call it again without --dry-run.", NULL},
	{"11", ours, "findings", "Posture or doctor found something that wants to be mended.",
		"Each finding names its remedy.", NULL},
	{"74", ours, "no journal",
		"The record of changes cannot be written, so nothing was sent: a change that nobody can "
		"trace is not made.",
		"Make room or mend the rights of the journal's folder. Where a cut cannot wait: "
		"--break-glass REASON.",
		NULL},
	{"75", ours, "parked",
		"It stopped on purpose with work to do, or data was cut off and not seen to be dark.",
		"claviger operations lists what is open, claviger resume OPERATION goes on.", NULL},
	{"130", ours, "interrupted", "Somebody pressed Ctrl-C; what was under way is parked.",
		"claviger resume OPERATION goes on, claviger rollback OPERATION goes back.", NULL},
};
const struct code_table codes_exit = {exits, ARRAY_LEN(exits), "claviger(1), EXIT STATUS"};

static const struct code statuses[] = {
	{"400", http, "The request was not understood or is not allowed as it stands.",
		"A property is missing, has a value that cannot be, or may not be changed together with "
		"another one.",
		"The code and the message that come with it name the property: claviger explain CODE.",
		NULL},
	{"401", http, "The request came without a valid token.",
		"The token has run out, is of another tenant or for another service, or was revoked.",
		"claviger doctor; then claviger login, or mend the credential it names.", NULL},
	{"403", http, "The caller is known and may not do this.",
		"A right is missing, a firewall refuses the address, the key is disabled, or what the "
		"data is encrypted with cannot be reached.",
		"The code that comes with it tells which: claviger explain CODE.", NULL},
	{"404", http, "It is not there, or not to be seen by this caller.",
		"The name is wrong, it was deleted, or it is in another subscription or cloud.",
		"Check the name and the profile. Vaults and keys stay recoverable: claviger vault "
		"deleted.",
		NULL},
	{"409", http, "It conflicts with what is there.",
		"The name is taken, a deleted thing still holds it, or another change is under way.",
		"The code that comes with it tells which; wait or use another name.", NULL},
	{"412", http, "It has changed since it was read.",
		"Somebody else changed it in between; the change was sent on condition that nobody had.",
		"Run the same command again: it looks again first.", NULL},
	{"429", http, "Too many requests.",
		"Azure limits the calls of a subscription, a vault or a sign-in in a span of time; other "
		"programs count as well.",
		"claviger waits and goes on by itself; if it gave up, try later.", NULL},
	{"500", http, "The service failed.",
		"On its side; of a storage account whose key is in another tenant also when the "
		"application in between is gone.",
		"Try again; if it stays, claviger bundle -o FILE writes what a support case needs.",
		NULL},
	{"503", http, "The service is not available at the moment.", NULL,
		"claviger tries again by itself; if it gave up, try later.", NULL},
	{"504", http, "The service did not answer the resource manager in time.",
		"The change may have been made all the same.",
		"claviger reads before it sends a change again: run the same command once more.",
		NULL},
};
const struct code_table codes_http = {statuses, ARRAY_LEN(statuses),
	"RFC 9110, status codes; "
	"Azure Resource Manager, request limits and throttling"};
