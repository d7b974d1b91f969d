/* What the documents of the resource manager and of vaults do not hold: sign-in, managed identity,
 * Graph, blobs, and the clock. */
#include "backend/base/mem.h"
#include "tests/fixtures/sandbox_client.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/estate.h"

#define LOGIN " HTTP/1.1\nHost: login.microsoftonline.com\n\n"
#define HERE " HTTP/1.1\nHost: localhost:8443\n"
#define GRAPH " HTTP/1.1\nHost: graph.microsoft.com\n\n"
#define NEXT "\x1e"
#define OBJECT "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607"
#define STORE                                                             \
	"PUT " PRODUCTION "/resourceGroups/rg-finance/providers/"         \
	"Microsoft.Storage/storageAccounts/stblobs?"                      \
	"api-version=2023-05-01 HTTP/1.1\n"                               \
	"Host: management.azure.com\n\n"                                  \
	"{\"location\":\"westeurope\",\"kind\":"                          \
	"\"StorageV2\",\"sku\":{\"name\":\"Standard_LRS\""                \
	"}}" NEXT "PUT " PRODUCTION "/providers/Microsoft.Authorization/" \
	"roleAssignments/"                                                \
	"30000001-aaaa-4bbb-8ccc-000000000001?"                           \
	"api-version=2022-04-01 HTTP/1.1\n"                               \
	"Host: management.azure.com\n\n"                                  \
	"{\"properties\":{\"roleDefinitionId\":\"" PRODUCTION             \
	"/providers/Microsoft.Authorization/"                             \
	"roleDefinitions/"                                                \
	"ba92f5b4-2d11-453d-a403-e96b0029c9fe\","                         \
	"\"principalId\":\"" OBJECT "\"}}" NEXT
#define BLOBS                                         \
	" HTTP/1.1\nHost: stblobs.blob.core.windows." \
	"net\nX-Clock: 600\nx-ms-version: 2021-08-06\n"
#define BOX STORE "PUT /box?restype=container" BLOBS "\n" NEXT
#define BLOB BOX "PUT /box/a/b.txt" BLOBS "x-ms-blob-type: BlockBlob\nx-ms-meta-k: v\n\nhello" NEXT
#define KEY_HOST " HTTP/1.1\nHost: kv-billing.vault.azure.net\n"

const char *const corpus_more[] = {
	"POST /" TENANT "/oauth2/v2.0/token" LOGIN
	"grant_type=client_credentials&client_id=" OPERATOR "&client_secret=" ESTATE_SECRET
	"&scope=https%3A%2F%2Fvault.azure.net%2F.default",
	"POST /" TENANT "/oauth2/token" LOGIN "grant_type=client_credentials&client_id=" OPERATOR
	"&client_secret=" ESTATE_SECRET "&resource=https://management.azure.com/",
	"POST /" TENANT "/oauth2/v2.0/token" LOGIN
	"grant_type=client_credentials&client_id=" OPERATOR
	"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
	"&client_assertion=eyJhbGciOiJSUzI1NiIsIng1dCI6IkFBQUEifQ.eyJpc3MiOiJ4In0.AAAA"
	"&scope=https%3A%2F%2Fvault.azure.net%2F.default",
	"POST /organizations/oauth2/v2.0/devicecode" LOGIN "client_id=" OPERATOR
	"&scope=https%3A%2F%2Fmanagement.azure.com%2F.default%20offline_access" NEXT
	"POST /organizations/oauth2/v2.0/token" LOGIN
	"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=" OPERATOR
	"&device_code=x",
	"POST /common/oauth2/token" LOGIN "grant_type=refresh_token&refresh_token=x&client_id=y",
	"POST /devicelogin" HERE "\ncode=ABCDEFGHJ",
	"GET /common/discovery/instance?authorization_endpoint=https%3A%2F%2F"
	"login.microsoftonline.com%2F" TENANT "%2Foauth2%2Fv2.0%2Fauthorize&api-version=1.1" LOGIN,
	"GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource="
	"https%3A%2F%2Fvault.azure.net" HERE "Metadata: true\n\n",
	"GET /msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net" HERE
	"X-IDENTITY-HEADER: x\n\n",
	"POST /msi/token" HERE "Metadata: true\n\nresource=https%3A%2F%2Fvault.azure.net",
	"GET /v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20'" OPERATOR
	"')" GRAPH,
	"GET /v1.0/users?$filter=userPrincipalName%20eq%20'operator@contoso.example'" GRAPH,
	"POST /v1.0/directoryObjects/getByIds" GRAPH "{\"ids\":[\"" OBJECT
	"\"],\"types\":[\"user\",\"servicePrincipal\"]}",
	BOX "GET /?comp=list&include=metadata&prefix=b&maxresults=1" BLOBS "\n",
	BLOB "GET /box?restype=container&comp=list&include=metadata&delimiter=%2F" BLOBS "\n",
	BLOB "GET /box/a/b.txt" BLOBS "x-ms-range: bytes=1-3\nx-ms-range-get-content-md5: true\n\n",
	BLOB "HEAD /box/a/b.txt" BLOBS "If-None-Match: *\n\n",
	BLOB "PUT /box/a/b.txt?comp=metadata" BLOBS "x-ms-meta-a: b\n\n",
	BLOB "PUT /box/a/b.txt?comp=block&blockid=AAAA" BLOBS "\nblock" NEXT
	     "PUT /box/a/b.txt?comp=blocklist" BLOBS
	     "\n<?xml version=\"1.0\"?><BlockList><Latest>AAAA</Latest></BlockList>",
	BLOB "DELETE /box/a/b.txt" BLOBS "If-Match: \"0x1\"\nx-ms-delete-snapshots: include\n\n",
	BLOB "DELETE /box?restype=container" BLOBS
	     "If-Modified-Since: Sat, 21 Nov 2026 19:02:03 GMT\n\n",
	"PUT /keys/cmk-billing/rotationpolicy?api-version=7.4" KEY_HOST
	"\n{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\"},\"action\":{\"type\":"
	"\"rotate\"}}],\"attributes\":{\"expiryTime\":\"P90D\"}}" NEXT
	"GET /keys/cmk-billing?api-version=7.4" KEY_HOST "X-Clock: 31536000\n\n",
	"DELETE /keys/cmk-billing?api-version=7.4" KEY_HOST "\n" NEXT
	"GET /deletedkeys/cmk-billing?api-version=7.4" KEY_HOST "X-Clock: 600\n\n" NEXT
	"GET " FINANCE "aa-billing?api-version=2023-11-01 HTTP/1.1\nHost: management.azure.com\n"
	"X-Clock: 86400\n\n",
	"PUT " PRODUCTION "/resourceGroups/rg-media/providers/Microsoft.Batch/batchAccounts/"
	"babatch?api-version=2024-02-01 HTTP/1.1\nHost: management.azure.com\nX-Lro: 5\n\n"
	"{\"location\":\"westeurope\"}",
	"GET /subscriptions?api-version=2022-12-01 HTTP/1.1\nHost: management.azure.com\n"
	"Authorization: Bearer x\n\n",
};
const size_t corpus_more_len = ARRAY_LEN(corpus_more);
