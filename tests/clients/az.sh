#!/bin/sh
# The life of a customer key told by Debian's azure-cli, in the environment that --print-env printed.
# az/ beside this file repairs what Debian's 2.45 has broken; what az sends is its own.
here=$(cd "$(dirname "$0")" && pwd)
group=rg-az place=westeurope mark=$(od -An -N3 -tx1 /dev/urandom | tr -d ' \n')
vault=kv-az-$mark account=staz$mark batch=baaz$mark
passed=0 failed=0
AZURE_CONFIG_DIR=$(mktemp -d) || exit 1
trap 'rm -rf "$AZURE_CONFIG_DIR"' EXIT INT TERM
export AZURE_CONFIG_DIR PYTHONPATH="$here/az" PYTHONWARNINGS=ignore AZURE_CORE_COLLECT_TELEMETRY=0 \
	REQUESTS_CA_BUNDLE="$CLAVIGER_CA" SSL_CERT_FILE="$CLAVIGER_CA" AZURE_CORE_ONLY_SHOW_ERRORS=1
if [ -n "$CLAVIGER_PROXY" ]; then
	export HTTPS_PROXY="$CLAVIGER_PROXY"
fi

# step NAME COMMAND...: the command must succeed.   refused NAME WORDS COMMAND...: must fail so.
step() {
	name=$1
	shift
	if "$@" >"$AZURE_CONFIG_DIR/out" 2>"$AZURE_CONFIG_DIR/err"; then
		passed=$((passed + 1))
		echo "ok    $name"
	else
		failed=$((failed + 1))
		echo "FAIL  $name: $(tail -n 2 "$AZURE_CONFIG_DIR/err" | tr '\n' ' ')"
	fi
}
refused() {
	name=$1 words=$2
	shift 2
	if "$@" >"$AZURE_CONFIG_DIR/out" 2>"$AZURE_CONFIG_DIR/err" ||
		! grep -qE "$words" "$AZURE_CONFIG_DIR/err"; then
		failed=$((failed + 1))
		echo "FAIL  $name: $(tail -n 2 "$AZURE_CONFIG_DIR/err" | tr '\n' ' ')"
	else
		passed=$((passed + 1))
		echo "ok    $name"
	fi
}
# is WANTED COMMAND...: prints just that.
is() {
	wanted=$1
	shift
	found=$("$@") && [ "$found" = "$wanted" ] || {
		echo "found '$found', not '$wanted'" >&2
		return 1
	}
}
later() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		"$@" && return
		sleep 3
	done
	return 1
}
login() {
	az login --service-principal -u "$CLAVIGER_CLIENT_ID" -p "$1" --tenant "$2" --allow-no-subscriptions
}

if [ -n "$CLAVIGER_PROXY" ]; then
	case $CLAVIGER_ARM in
	*.chinacloudapi.cn) az cloud set -n AzureChinaCloud ;;
	*.usgovcloudapi.net) az cloud set -n AzureUSGovernment ;;
	esac
	tenant=$CLAVIGER_TENANT
else
	cat >"$AZURE_CONFIG_DIR/cloud.json" <<END
{"endpoints": {"resourceManager": "$CLAVIGER_ARM", "management": "$CLAVIGER_ARM",
"activeDirectory": "$CLAVIGER_AUTHORITY/adfs", "activeDirectoryResourceId": "$CLAVIGER_ARM",
"activeDirectoryGraphResourceId": "$CLAVIGER_GRAPH", "microsoftGraphResourceId": "$CLAVIGER_GRAPH"},
"suffixes": {"keyvaultDns": "$CLAVIGER_VAULT_SUFFIX", "mhsmDns": "$CLAVIGER_HSM_SUFFIX",
"storageEndpoint": "${CLAVIGER_BLOB_SUFFIX#.blob.}"}}
END
	az cloud register -n Claviger --cloud-config "@$AZURE_CONFIG_DIR/cloud.json" && az cloud set -n Claviger || exit 1
	tenant=$CLAVIGER_TENANT
fi

refused 'a wrong secret is refused in Entra'"'"'s words' AADSTS7000215 login wrong "$tenant"
step 'login' login "$CLAVIGER_CLIENT_SECRET" "$tenant"
step 'the subscription' az account set -s "$CLAVIGER_SUBSCRIPTION"
step 'a resource group' az group create -n $group -l $place
step 'a vault' az keyvault create -g $group -n "$vault" -l $place --enable-rbac-authorization false \
	--enable-purge-protection true --retention-days 7
step 'a key' az keyvault key create --vault-name "$vault" -n cmk --kty RSA --size 2048
step 'its version' az keyvault key show --vault-name "$vault" -n cmk --query key.kid -o tsv
kid=$(cat "$AZURE_CONFIG_DIR/out")

step 'an identity' az identity create -g $group -n "id-$mark"
step 'a storage account with the system'"'"'s identity' az storage account create -g $group -n "$account" -l $place \
	--sku Standard_LRS --assign-identity
principal=$(az storage account show -g $group -n "$account" --query identity.principalId -o tsv)
key() {
	az storage account update -g $group -n "$account" --encryption-key-source Microsoft.Keyvault \
		--encryption-key-vault "https://$vault$CLAVIGER_VAULT_SUFFIX" --encryption-key-name cmk "$@"
}
refused 'no switch without a grant' 'KeyVaultAuthenticationFailure|authentication issue' key
step 'the grant' az keyvault set-policy -n "$vault" --object-id "$principal" --key-permissions get wrapKey unwrapKey
step 'the switch' key
step 'the version in use' is "$kid" az storage account show -g $group -n "$account" \
	--query encryption.keyVaultProperties.currentVersionedKeyIdentifier -o tsv
step 'a rotation' az keyvault key rotate --vault-name "$vault" -n cmk
step 'its versions' is 2 az keyvault key list-versions --vault-name "$vault" -n cmk --query 'length(@)' -o tsv
step 'storage follows' key
step 'the key off' az keyvault key set-attributes --vault-name "$vault" -n cmk --enabled false
refused 'no switch to a disabled key' 'KeyVaultAuthenticationFailure|authentication issue' \
	key --encryption-key-version "$(az keyvault key show --vault-name "$vault" -n cmk --query key.kid -o tsv | sed 's,.*/,,')"
step 'the key on' az keyvault key set-attributes --vault-name "$vault" -n cmk --enabled true
step 'storage back on Microsoft'"'"'s keys' az storage account update -g $group -n "$account" \
	--encryption-key-source Microsoft.Storage

step 'a Batch account with an identity' az batch account create -g $group -n "$batch" -l $place --mi-system-assigned true
principal=$(az batch account show -g $group -n "$batch" --query identity.principalId -o tsv)
step 'its grant' az keyvault set-policy -n "$vault" --object-id "$principal" --key-permissions get wrapKey unwrapKey
step 'its switch' az batch account set -g $group -n "$batch" --encryption-key-source Microsoft.KeyVault \
	--encryption-key-identifier "$kid"
step 'its key' is "$kid" az batch account show -g $group -n "$batch" \
	--query encryption.keyVaultProperties.keyIdentifier -o tsv

step 'a role on the group' later az role assignment create --assignee-object-id "$principal" \
	--assignee-principal-type ServicePrincipal --role 'Key Vault Crypto Service Encryption User' \
	--scope "/subscriptions/$CLAVIGER_SUBSCRIPTION/resourceGroups/$group"
step 'roles are listed' is 1 az role assignment list --assignee "$principal" -g $group --query 'length(@)' -o tsv

step 'the key deleted' az keyvault key delete --vault-name "$vault" -n cmk
refused 'no purge under protection' 'purge|Forbidden' az keyvault key purge --vault-name "$vault" -n cmk
step 'the key recovered' az keyvault key recover --vault-name "$vault" -n cmk
step 'the vault deleted' az keyvault delete -g $group -n "$vault"
step 'the vault recovered' az keyvault recover -n "$vault"

automation=/subscriptions/$CLAVIGER_SUBSCRIPTION/resourceGroups/$group/providers/Microsoft.Automation/automationAccounts/aa-az-$mark
rest() {
	az rest --method "$1" --url "$CLAVIGER_ARM$automation?api-version=2023-11-01" \
		--resource "$CLAVIGER_ARM" --body "$2"
}
step 'an Automation account' rest put "{\"location\": \"$place\", \"properties\": {\"sku\": {\"name\": \"Basic\"}}}"
step 'its identity' rest patch '{"identity": {"type": "SystemAssigned"}}'
principal=$(sed -n 's/.*"principalId": "\([^"]*\)".*/\1/p' "$AZURE_CONFIG_DIR/out")
step 'its grant' az keyvault set-policy -n "$vault" --object-id "$principal" \
	--key-permissions get recover wrapKey unwrapKey
step 'its switch' rest patch "{\"identity\": {\"type\": \"SystemAssigned\"}, \"properties\": {\"encryption\":
{\"keySource\": \"Microsoft.Keyvault\", \"keyVaultProperties\": {\"keyName\": \"cmk\",
\"keyvaultUri\": \"https://$vault$CLAVIGER_VAULT_SUFFIX\", \"keyVersion\": \"${kid##*/}\"}}}}"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
