/* page: the status page: one document of HTML with everything in it, read-only. Whatever a text
 * holds, it stays text: all go through html.h, and a policy that names the page's own style and
 * script by a nonce keeps anything else from running. */
#ifndef SERVICES_PAGE_PAGE_H
#define SERVICES_PAGE_PAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "page/status.h"

#define PAGE_NONCE 33 /* bytes of a nonce, with its NUL */

struct page {
	const struct status *status; /* sorted */
	const char *host;            /* name of this machine */
	const char *nonce; /* the same as in the Content-Security-Policy; letters, digits */
	int refresh;       /* seconds after which it is fetched again */
	size_t most;       /* services shown; of the others only their number */
	int64_t now;       /* seconds since 1970 */
};

/* The document. */
void page_write(FILE *out, const struct page *page);

/* In its place when the daemon could not be asked (`status` is not used): the reason, a sentence.
 */
void page_write_failure(FILE *out, const struct page *page, const char *why);

/* Parts of the document. */
void page_write_services(FILE *out, const struct page *page);
void page_write_events(FILE *out, const struct page *page);

/* page.css and page.js, which are made into C by the build. */
extern const char page_css[];
extern const char page_js[];

#endif
