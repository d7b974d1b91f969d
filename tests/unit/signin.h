/* Words of the tests of sign-in, over the fixture `demo`. */
#ifndef CLAVIGER_TESTS_SIGNIN_H
#define CLAVIGER_TESTS_SIGNIN_H

#include "tests/unit/sandbox_client.h"

#define LOGIN "https://login.microsoftonline.com/"
#define TOKEN LOGIN TENANT "/oauth2/v2.0/token"
#define LOCAL "https://localhost:4711"
#define GRAPH "https://graph.microsoft.com/v1.0/"
#define CLI "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
#define PERSON "1b7c0e52-4d9a-4f38-93e6-c05a7d21b80a"
#define OPERATOR_OBJECT "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607"
#define BROKER "5d180bf6-a2c7-4349-be60-9fb251cd8e14"
#define FABRIKAM "b2d0c7e4-6f19-4a3c-8d52-91e7a0f3c602"
#define IDENTITIES \
	PRODUCTION \
	"/resourcegroups/rg-security/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
#define BEARER \
	"client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
#define ARM_SCOPE "scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
#define PEOPLE_SCOPE ARM_SCOPE "+openid+profile+offline_access"
#define SUBSCRIPTIONS ARM "/subscriptions?api-version=2022-12-01"

/* The body of the next signin_post. */
extern char signin_form[16384];

/* A GET with a header (NULL: none); a POST of body, NULL: of signin_form. Both return the status.
 */
long signin_get(const char *url, const char *header);
long signin_post(const char *url, const char *body);

/* Asserts that the last reply refuses as Entra does. */
void signin_refused(long status, const char *error, int code);

/* The claims of a token of the last reply, new; one of them asserted. */
json_t *signin_claims(const char *name);
void signin_claim_is(const json_t *claims, const char *name, const char *value);

/* A token of the last reply as a header. */
void signin_bearer(char out[8192], const char *name);

/* sandbox ctl with two words; ok false: expects "not found". */
void signin_ctl(const char *word, const char *argument, bool ok);

/* A private file of the state directory, asserted to be 0600; the caller frees out. */
void signin_file(const char *name, struct buf *out);

/* Asks for a token of the resource manager with an assertion. */
long signin_federate(const char *url, const char *client, const char *assertion);

/* Starts a device code sign-in: signin_form gets the poll, user the code for people. */
void signin_start_device(const char *scope, char user[16]);

#endif
