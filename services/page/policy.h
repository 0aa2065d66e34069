/* policy: what a browser may do with an answer of the status page: nothing, but for the style and
 * the script that have the nonce of this very answer. */
#ifndef SERVICES_PAGE_POLICY_H
#define SERVICES_PAGE_POLICY_H

#include "common/http.h"
#include "page/page.h"

/* Makes a nonce that cannot be guessed. getrandom(2) */
void policy_nonce(char nonce[PAGE_NONCE]);

/* Adds the header fields: a Content-Security-Policy, that of a page with this nonce or, for NULL,
 * of what is only data; and those that keep the answer from being sniffed at, framed or kept. */
void policy_fields(struct http_answer *answer, const char *nonce);

#endif
