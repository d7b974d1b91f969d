/* What `claviger help demo` says of the demo estate: its defects are planted, so that there is
 * something to find. Severities are those of the posture rules. */
#include "backend/sandbox/sandbox.h"

const char sandbox_demo_help[] =
	"THE DEMO ESTATE   claviger --sandbox\n"
	"  Tenant contoso.example, subscriptions Production and Staging; a second tenant\n"
	"  fabrikam.example. You are `operator`: Owner of both subscriptions, all key rights on the\n"
	"  vaults with access policies, Crypto Officer on kv-rbac, local roles on hsm-core.\n"
	"\n"
	"PLANTED DEFECTS\n"
	"  aa-payroll              not-onboarded         info    on Microsoft's keys, no identity\n"
	"  aa-billing              version-behind        medium  two versions behind\n"
	"  aa-guidang              not-onboarded         info    on Microsoft's keys\n"
	"  stledger01              not-onboarded         info    on Microsoft's keys\n"
	"  stexport01              rights-missing        high    its identity lacks unwrapKey: locked\n"
	"  barender01              not-onboarded         info    on Microsoft's keys\n"
	"  balegacy01              identity-missing      info    made without one: cannot take a key\n"
	"  kv-payroll              purge-protection-off  high    no account may use its keys\n"
	"  kv-payroll/cmk-ec       key-not-rsa           high    a key on a curve\n"
	"  kv-payroll/cmk-old      key-expired           high    reads go on, enabling fails\n"
	"  kv-payroll/cmk-off      key-disabled          high    neither wraps nor unwraps\n"
	"  kv-gone                 vault-absent          high    deleted, recoverable\n"
	"  kv-fabrikam             tenant-mismatch       high    of the other tenant\n"
	"\n"
	"SOUND\n"
	"  starchive01 follows kv-archive/cmk-archive by itself with the identity id-storage; kv-billing,\n"
	"  kv-archive, kv-rbac and hsm-core have all protection on; id-batch waits to be used.\n";
