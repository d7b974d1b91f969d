/* The answers were computed with whole-number arithmetic straight from RFC 8017, without the
 * library that they test. The key guards nothing: it is published here. */
#include "crypto/selftest_known.h"

#include "crypto/b64.h"

enum { DER_MAX = 2048 };

const unsigned char known_message[KNOWN_MESSAGE] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static const char known_key[] =
	"MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDMayuRc0Zo5kTQc-"
	"6AG86nzme6ZRUnDWDZbuGoxUDIlrBqu9p6SxZ5L5gJiRq7EJhK6BDUxUsLUX4bZmE8uU7bNC_ZcQLa91SwaXn7w-"
	"uajHF-RG6gzUveMvw8PvWU2txmI2AjsQergEmkgLPjUPiMJVuccYGd2n8c9iloco7aPEIQpYp3d21WpsFdLOG944"
	"RSLybSfRGuwXfXnK54LVTnZVriD96H9ZDelO3dLuGPVrV3Xt1vPZy2YAUhWhp2HhFeTOez1SqcHI0tXjLF1v7cIu"
	"QFlDa7SjiJ_DMwt3_tTlhDNgPNR3Zov3pfm4Si7jjyMfSb4pflRZvosd9RYmybAgMBAAECggEADk0_M-"
	"1t6H_tIkJs1iSxPYH44DcbQZYI3R2KBzNJwt7xbSjtx67s3cIBL_BE4P_vumnoZ40oIMds_Gtvc9P-"
	"hY1DUxdk3On_UFpeJkmrowP0Gs1HNNPi3M28t6sApo9Lao_2Cs6OG_xylTegnk-iHA1ZuU_NrZFwYZfYB3k1r7n1"
	"1kWhbfVKj1qriUJPuhEnP1vRLBIhEwpeL8usZeo4_wpiNFTRUjjKmKpOeia8o-n-Ao3LKiUqnVQ_CsA3zpZJdyhB"
	"39bu6d0aN1j8WAsflsS8jdsdRqyeghxkwdFvuVkN1sFo-"
	"a5Y_sGIOjtlEOKZ0r3smbf0iWFC8AaNWWbzjQKBgQDu-"
	"i5yOdDgUPqfa0cbXlBU4WN1_D7ieVK5UbP4Tz4PlSilI3MAB4-"
	"A6DSf9VSBkuPqAub1CVC9_Fkxim2w7ctgpMb7NDJR5PBkg1EoNv58uPvMp4vBmIhQ9xh5FEnxm5w5hE2Kla990-"
	"axWdUpMm0N1UUnk35fqu4f9VlaGPwcXwKBgQDa-"
	"s1af9iQ80DnVZgwAV_D0GU6Ri3RRVa0gForoD3I_wHghMdW8rMVb7bdPRZqXy4nPZPi2wYvSvTMxzaQQPRzsaNri"
	"hQDfCqQK7D9u8rgveH_4Bp3I5BE1CKODpIdR737uyAid6lj4DgCDLp56IGv6y7sopjRZOgNo1RZacaZRQKBgQCyL"
	"wYskyFD7_0-"
	"mn11UZgyAa_oTAETWgStOtcmoOcUNVIN92WKsxhztC9wyTqONlkLpchREfYLAjn6700ka9mFoLbgnKWcXEhFmYgM"
	"pRyRIFhW2uIgojuZqvOra85KgI02cYhjeYJVHodW2zVNt1SKyOb8QEQszsUoPQa3YAOynwKBgESrsgpXXUrXfdsN"
	"9JPZWnbFu3jy2RtvaylftudHcRi_H4-RFBIoOhDW37mxln31KzwTC3Vwyhe6odo1_t5uADrn0h-"
	"_RVdycMaVbQOlCJJB-cWMOcBy3qM3Az8ZQqj7_pAatpEYhX5Uqju6UiA40bKhRi3fL506z6q3NZR0n1shAoGBAOU"
	"zAzT4h9cj61G7lz3iltgq6f1v6XW1iTW-nEilxp72oXMCF56Vt1TxlnPxiY3w7Z0yDeonwQ1l1r46s5GojywC1_m"
	"EoMdoqiaBCBjhjP0t1gGxZqj8Zjogpz7v7RKxqvWZQEnKUytzaEteQQ1jpAvrA2nAJ-CiSOP4WcQa53gQ";

const char known_oaep[] =
	"oEXZl0uIOIPHSzZkzBvpxMiCImbyGarNJJGtZMAhCwUvxI4AnV9c91lfeYXldfgC7vkaFclLJAycz6FUOhYhX_ts"
	"4_7qnUNovMeVJuNhk4cV_1LH8WBTLNGPQNucrSYwNaHS7wgz7CFLCQVMro8BoBOXsw4vwQQTSoedQ_iR7sIIpjBk"
	"xfj41ATQpmLdYNyhGzHq9rG2_geLocDPIGBImPrZkcUEsVPXpQOFALpKGfFtiME4vSE3fnJoaR1CFedmmVBaTK-"
	"8aOOzhJdC7Rl5tgvLxrmUmjhMN1HaOTS0oCQCk4tm_4hmBWIlzQMXwfghQl8_gTz5b9DyooGyHk-w0g";

const char known_oaep_256[] =
	"yMHc31dUQ8FHkPSOWt3VzyYAWeCmpoPgUEbbAiMnHJCMUygV5DngqeC3LO-"
	"u9ttlaP84c2NkeDM_VcYY0nWH0PwcNnYQrZtySszmnYigEd5hlCgbu1H_z8LpSQb7nMO4Lg8q10LF7bZ5r71qfge"
	"MRHYz2o47grkH-8Mu4TRwdcnJkfHf4RvfNeuq-MXviATt4LhYmeNONOSQ1gQ6pze6W47s_u6D9FLNjj3cU955ZbM"
	"uMXSVU5TRXNBlYDaPvDs3g7-"
	"A6EZbIYZdU6kLqsfSY_ZqYPhf1rfS9eHB_P9ILlVwRH8_kKOSHIsNP_74RnrnjUY1kT9zrJG0_nrICnvF4A";

const char known_rsa1_5[] =
	"krUZu8AfndgjdMLVfpt0PgcwGu9L99OU5GfO8UOztcz2kj0vIDtndnmk0ey4KsIHJf_q4AKfEzDNvqwqQ1S-"
	"zIgvHIZweK2JiCyveYBXCHn2TS6eTh8zOk-23PzQovx-Sf-"
	"gQ1i2Xjim6M1W4ziCG5uwl946ChAwSKQMpXqPl0CeGogXp3GKyY9S0XDMOQ7CKN-PdocZJ5T34QTZlcBRIJo1PJ1"
	"RmBPQF_GotEAWtlVFfJlKoY6WTHF6P8IuWxgbrze0JNcFbgFCLMnCBgig5Mf-"
	"n2FnacKzaJJgVa8cSVLtd1jqYXqw7Z1o7thwzm4cdikYvUF2oDM95c7wo1LmxA";

const char known_rs256[] =
	"D8jzzy2B8uXtV91o3VKPd8e-PJ7qmd2reRY1mgxiTYk_td5aB3lzsf2AfGO75nJLKNZiJBp1eDrLeRMsa5Y3H-"
	"9g_DuZ_fuRYDWGJ-Eglr82E_qaUzxkZFtOn3-"
	"y0gh8SSbxcf8DVz2W7fB_kEhEz2w_u9wVYmmqjNqmMkiiJ0MBflESsaJb2Sc9iZQJtEddJoOYNxQEcdw87d8vL66"
	"OTpA5u8Ep2rpa74pmQ3PAcaZTDCNp38P2lhu-uvZYzyz2HVMqh2i7wZjaQSpyTnVrjBh4OoIyCVzOgcrKwgEnOef"
	"5p81kRPZIsLTBJ1nNlvn1y4gikFebe8VWX1f7T6byjA";

const char known_ps256[] =
	"sWlIZj3qTwGDI5qnffmanWUIHMpl8FKyouaiT3Shh3prar0t08fe3xQ9LLBxGPX8ZzzUIko6Uvb7kr2A6TfROwJz"
	"iIA1D7S3GdAaeO5S4ORTcnl0uyCVEbMAL3pNBv6Z7gzT8XWw3v0iaSQ7n88aZntehcseB2kDGV2CdeboaFgn7Oje"
	"WbtzGysGa4Bl8nnVA1czBUJTqm5kKov-wbPDFPXX-"
	"u5X_1ikZQNQ28hBp0h3iPFmIr0lOE7hrlv5knI8Ac3Qbx2V346vKwhiFZPy87pk4vPasq94rEN0PaFk8_WcMqwoG"
	"OciBew4RF2rqK10LTkGUBsUPjd49jvlS6EkgQ";

struct rsa_key *
known_rsa_key(struct err *err)
{
	unsigned char der[DER_MAX];
	struct rsa_key *key = NULL;
	size_t len;

	if (b64_decode(der, sizeof der, &len, known_key))
		key = rsa_from_der(der, len, true, err);
	else
		err_set(err, ERR_FAILED, "SELFTEST",
			"the fixed key is damaged: install claviger again");
	secret_wipe(der, sizeof der);
	return key;
}
