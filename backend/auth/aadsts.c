/* Codes and meanings: Entra's documentation, "Microsoft Entra authentication and authorization
 * error codes"; those over 700210 from public reports of workload identity (azure-workload-identity
 * issue 1200, Azure/login issue 482). */
#include "backend/auth/aadsts.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/err.h"

static const char no_federation[] =
	"compare issuer, subject and audience of the token with the application's federated "
	"credential";
static const char new_secret[] = "make a new secret for the application and use its value, not its "
				 "id";

const struct aadsts aadsts_table[] = {
	{50013, "the token file is not from the issuer that the application trusts"},
	{50020, "this account is no member of the tenant; sign in to its own or be invited"},
	{50034, "no such account in this tenant; check the name and the tenant"},
	{50053, "the account is locked; wait, or have it unlocked"},
	{50055, "the password has run out; change it"},
	{50057, "the account is disabled; ask its administrator"},
	{50076, "a second factor is asked for; run: claviger login --device-code"},
	{50079, "a second factor must be registered first; sign in with a browser once"},
	{50105, "assign the user or application to the enterprise application"},
	{50126, "user name or password is wrong"},
	{50173, "the sign-in was revoked; sign in again"},
	{53000, "this device does not comply with conditional access; use one that does"},
	{53001, "conditional access wants a device that is joined to the domain"},
	{53003, "conditional access refuses it here; ask an administrator which policy it was"},
	{65001, "an administrator must consent to this application in the tenant"},
	{70008, "the refresh token has run out; sign in again"},
	{70025, "give the application a federated credential"},
	{70043, "the sign-in has run out by policy; sign in again"},
	{90002, "no such tenant in this cloud; check AZURE_TENANT_ID, the profile's tenant and "
		"its cloud"},
	{500011, "no such service in this tenant; check the profile's cloud and tenant"},
	{530003, "conditional access wants a device that is registered"},
	{700016, "the application is not in this tenant; check AZURE_CLIENT_ID and "
		 "AZURE_TENANT_ID"},
	{700021, "the client id of the assertion is another one; check AZURE_CLIENT_ID"},
	{700023, "the assertion is for another authority; check the profile's cloud"},
	{700024, "set the clock: timedatectl set-ntp true"},
	{700026, "add the certificate to the application"},
	{700027, "add this certificate to the application, or use the one that it has"},
	{700082, "the refresh token has run out; sign in again"},
	{700211, no_federation},
	{700212, no_federation},
	{700213, no_federation},
	{7000112, "the application is disabled; ask its administrator"},
	{7000215, new_secret},
	{7000222, "the secret has run out; make a new one for the application"},
	{7000229, "the application has no service principal in this tenant; make one"},
};
const size_t aadsts_table_len = ARRAY_LEN(aadsts_table);

int
aadsts_code(const char *text)
{
	const char *at = strstr(text, "AADSTS");
	long code = at ? strtol(at + strlen("AADSTS"), NULL, 10) : 0;

	return code > 0 && code < 100000000 ? (int)code : 0;
}

const char *
aadsts_remedy(int code)
{
	for (size_t i = 0; i < aadsts_table_len; i++)
		if (aadsts_table[i].code == code)
			return aadsts_table[i].remedy;
	return NULL;
}

/* Run out, revoked, ended by a policy, not used for too long. */
bool
aadsts_is_over(int code)
{
	return code == 70008 || code == 50173 || code == 70043 || code == 700082;
}
