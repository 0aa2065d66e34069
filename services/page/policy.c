/* policy: see policy.h. */
#include "page/policy.h"

#include <stdio.h>
#include <stdlib.h>

void policy_nonce(char nonce[PAGE_NONCE])
{
	unsigned char bytes[PAGE_NONCE / 2];

	arc4random_buf(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
}

void policy_fields(struct http_answer *answer, const char *nonce)
{
	char allowed[256] = "";

	if (nonce)
		snprintf(allowed, sizeof(allowed),
			"style-src 'nonce-%s'; script-src 'nonce-%s'; connect-src 'self'; "
			"img-src data:; require-trusted-types-for 'script'; ",
			nonce, nonce);
	http_answer_field(answer,
		"Content-Security-Policy: default-src 'none'; %sbase-uri 'none'; "
		"form-action 'none'; frame-ancestors 'none'",
		allowed);
	http_answer_field(answer, "X-Content-Type-Options: nosniff");
	http_answer_field(answer, "Referrer-Policy: no-referrer");
	http_answer_field(answer, "Cross-Origin-Resource-Policy: same-origin");
	http_answer_field(answer, "Cross-Origin-Opener-Policy: same-origin");
	http_answer_field(answer, "Cache-Control: no-store");
}
