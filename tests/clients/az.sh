#!/bin/sh
# The life of a customer key told by Debian's azure-cli, in the environment that --print-env printed.
# az/ beside this file repairs what Debian's 2.45 has broken; what az sends is its own.
here=$(cd "$(dirname "$0")" && pwd)
mark=$(od -An -N3 -tx1 /dev/urandom | tr -d ' \n')
group=rg-az-$mark place=westeurope
vault=kv-az-$mark account=staz$mark batch=baaz$mark
passed=0 failed=0
AZURE_CONFIG_DIR=$(mktemp -d) || exit 1
trap 'rm -rf "$AZURE_CONFIG_DIR"' EXIT
trap 'exit 1' INT TERM
export AZURE_CONFIG_DIR PYTHONPATH="$here/az" PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore \
	AZURE_CORE_COLLECT_TELEMETRY=0 AZURE_CORE_ONLY_SHOW_ERRORS=1 \
	REQUESTS_CA_BUNDLE="$CLAVIGER_CA" SSL_CERT_FILE="$CLAVIGER_CA"
unset HTTPS_PROXY https_proxy ALL_PROXY all_proxy NO_PROXY no_proxy
[ -z "$CLAVIGER_PROXY" ] || export HTTPS_PROXY="$CLAVIGER_PROXY"
out=$AZURE_CONFIG_DIR/out err=$AZURE_CONFIG_DIR/err

# step NAME COMMAND...: the command must succeed; what it prints is in $out for the next line.
step() {
	name=$1
	shift
	"$@" >"$out" 2>"$err"
	count $? "$name"
}
# refused NAME WORDS COMMAND...: the command must fail with one of these words.
refused() {
	name=$1 words=$2
	shift 2
	! "$@" >"$out" 2>"$err" && grep -qE "$words" "$err"
	count $? "$name"
}
count() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok    $2"
	else
		failed=$((failed + 1))
		echo "FAIL  $2: $(head -c 600 "$err" | tr '\n' ' ')"
	fi
}
# is WANTED COMMAND...: the command prints just that.
is() {
	wanted=$1
	shift
	found=$("$@") && [ "$found" = "$wanted" ] && return
	echo "found '$found', not '$wanted'" >&2
	return 1
}
# later COMMAND...: tried for a while, for what Azure does not do at once.
later() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		"$@" && return
		sleep 3
	done
	return 1
}
login() {
	az login --service-principal -u "$CLAVIGER_CLIENT_ID" -p "$1" --tenant "$CLAVIGER_TENANT"
}
# grant OBJECT-ID, take_back OBJECT-ID: its entry among the vault's access policies.
grant() {
	az keyvault set-policy -n "$vault" --object-id "$1" --key-permissions get wrapKey unwrapKey recover
}
take_back() {
	az keyvault delete-policy -n "$vault" --object-id "$1"
}
newest() {
	az keyvault key show --vault-name "$vault" -n cmk --query key.kid -o tsv
}
enable() {
	az keyvault key set-attributes --vault-name "$vault" -n cmk --enabled "$1"
}

case $CLAVIGER_ARM in
*.azure.com) az cloud set -n AzureCloud ;;
*.chinacloudapi.cn) az cloud set -n AzureChinaCloud ;;
*.usgovcloudapi.net) az cloud set -n AzureUSGovernment ;;
*)
	cat >"$AZURE_CONFIG_DIR/cloud.json" <<END
{"endpoints": {"resourceManager": "$CLAVIGER_ARM", "management": "$CLAVIGER_ARM",
"activeDirectory": "$CLAVIGER_AUTHORITY/adfs", "activeDirectoryResourceId": "$CLAVIGER_ARM",
"activeDirectoryGraphResourceId": "$CLAVIGER_GRAPH", "microsoftGraphResourceId": "$CLAVIGER_GRAPH"},
"suffixes": {"keyvaultDns": "$CLAVIGER_VAULT_SUFFIX", "mhsmDns": "$CLAVIGER_HSM_SUFFIX",
"storageEndpoint": "${CLAVIGER_BLOB_SUFFIX#.blob.}"}}
END
	az cloud register -n Claviger --cloud-config "@$AZURE_CONFIG_DIR/cloud.json" &&
		az cloud set -n Claviger
	;;
esac || exit 1

refused 'sign-in: a wrong secret' AADSTS7000215 login wrong
step 'sign-in' login "$CLAVIGER_CLIENT_SECRET"
step 'the subscription' az account set -s "$CLAVIGER_SUBSCRIPTION"
step 'a resource group' az group create -n "$group" -l $place
step 'a vault' az keyvault create -g "$group" -n "$vault" -l $place --retention-days 7 \
	--enable-rbac-authorization false --enable-purge-protection true
step 'a key' az keyvault key create --vault-name "$vault" -n cmk --kty RSA --size 2048
step 'its version' newest
first=$(cat "$out")
step 'an identity' az identity create -g "$group" -n "id-$mark"

step 'Storage: an account' az storage account create -g "$group" -n "$account" -l $place \
	--sku Standard_LRS --assign-identity --query identity.principalId -o tsv
principal=$(cat "$out")
storage() {
	az storage account update -g "$group" -n "$account" --encryption-key-source Microsoft.Keyvault \
		--encryption-key-vault "https://$vault$CLAVIGER_VAULT_SUFFIX" --encryption-key-name cmk "$@"
}
storage_key() {
	az storage account show -g "$group" -n "$account" -o tsv \
		--query encryption.keyVaultProperties.currentVersionedKeyIdentifier
}
refused 'Storage: no switch without a grant' KeyVaultAuthenticationFailure storage
step 'Storage: grant' grant "$principal"
step 'Storage: switch' storage
step 'Storage: the version in use' is "$first" storage_key
step 'a rotation' az keyvault key rotate --vault-name "$vault" -n cmk --query key.kid -o tsv
second=$(cat "$out")
step 'two versions' is 2 az keyvault key list-versions --vault-name "$vault" -n cmk \
	--query 'length(@)' -o tsv
step 'Storage: the new version' storage
step 'Storage: it is in use' is "$second" storage_key
step 'the key off' enable false
refused 'Storage: no switch to a disabled key' KeyVaultAuthenticationFailure \
	storage --encryption-key-version "${second##*/}"
step 'the key on' enable true
step 'Storage: revoke' take_back "$principal"
refused 'Storage: no switch after that' KeyVaultAuthenticationFailure storage
step 'Storage: restore' grant "$principal"
step 'Storage: switch again' storage
step 'Storage: detach' az storage account update -g "$group" -n "$account" \
	--encryption-key-source Microsoft.Storage

step 'Batch: an account' az batch account create -g "$group" -n "$batch" -l $place \
	--mi-system-assigned true --query identity.principalId -o tsv
principal=$(cat "$out")
batch() {
	az batch account set -g "$group" -n "$batch" --encryption-key-source Microsoft.KeyVault \
		--encryption-key-identifier "$1"
}
refused 'Batch: no switch without a grant' InvalidKeyVaultReference batch "$first"
step 'Batch: grant' grant "$principal"
step 'Batch: switch' batch "$first"
step 'Batch: the new version' batch "$second"
step 'Batch: it is in use' is "$second" az batch account show -g "$group" -n "$batch" \
	--query encryption.keyVaultProperties.keyIdentifier -o tsv
step 'Batch: detach' az batch account set -g "$group" -n "$batch" \
	--encryption-key-source Microsoft.Batch

step 'a role on the group' later az role assignment create --assignee-object-id "$principal" \
	--assignee-principal-type ServicePrincipal --role 'Key Vault Crypto Service Encryption User' \
	--scope "/subscriptions/$CLAVIGER_SUBSCRIPTION/resourceGroups/$group"
step 'it is listed' is 1 az role assignment list --assignee "$principal" -g "$group" \
	--query 'length(@)' -o tsv

step 'the key deleted' az keyvault key delete --vault-name "$vault" -n cmk
refused 'no purge under protection' Forbidden az keyvault key purge --vault-name "$vault" -n cmk
step 'the key recovered' later az keyvault key recover --vault-name "$vault" -n cmk
step 'the vault deleted' az keyvault delete -g "$group" -n "$vault"
step 'the vault recovered' az keyvault recover -n "$vault"
step 'the key is back' later is "$second" newest

# az automation is an extension that Debian does not have.
automation() {
	id=/subscriptions/$CLAVIGER_SUBSCRIPTION/resourceGroups/$group/providers
	id=$id/Microsoft.Automation/automationAccounts/aa-az-$mark
	az rest --method "$1" --url "$id?api-version=2023-11-01" --body "$2"
}
automation_key() {
	automation patch "{\"identity\": {\"type\": \"SystemAssigned\"}, \"properties\": {\"encryption\": {
		\"keySource\": \"Microsoft.Keyvault\", \"keyVaultProperties\": {\"keyName\": \"cmk\",
		\"keyvaultUri\": \"https://$vault$CLAVIGER_VAULT_SUFFIX\", \"keyVersion\": \"${1##*/}\"}}}}"
}
step 'Automation: an account' automation put \
	"{\"location\": \"$place\", \"properties\": {\"sku\": {\"name\": \"Basic\"}}}"
step 'Automation: its identity' automation patch '{"identity": {"type": "SystemAssigned"}}'
principal=$(sed -n 's/.*"principalId": "\([^"]*\)".*/\1/p' "$out")
refused 'Automation: no switch without a grant' KeyVaultAuthenticationFailure \
	automation_key "$first"
step 'Automation: grant' grant "$principal"
step 'Automation: switch' automation_key "$first"
step 'Automation: the new version' automation_key "$second"
step 'Automation: detach' automation patch '{"identity": {"type": "SystemAssigned"},
	"properties": {"encryption": {"keySource": "Microsoft.Automation"}}}'

echo "az: $passed passed, $failed failed"
[ "$failed" = 0 ]
