/* chart: small pictures, as inline SVG that a style sheet colours. Each has a text for those who do
 * not see it. */
#ifndef SERVICES_PAGE_CHART_H
#define SERVICES_PAGE_CHART_H

#include <stdint.h>
#include <stdio.h>

/* A bar for each second, the newest at the right; scaled to the highest one, but to no less than
 * four so that a single connection does not look like a storm. `css` is the class of the picture.
 */
void chart_seconds(FILE *out, const uint32_t *counts, size_t seconds, const char *css);

/* How much of a limit (not 0) is in use, with a mark where it was at most. */
void chart_meter(FILE *out, uint64_t now, uint64_t peak, uint64_t limit);

#endif
