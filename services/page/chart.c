/* chart: see chart.h. */
#include "page/chart.h"

#include <inttypes.h>

#define HEIGHT   24   /* of a picture of seconds; each second is 2 wide */
#define LEAST    4    /* counts that make a whole height, at the least */
#define ALL      1000 /* width of a meter */
#define VISIBLE  15   /* of it, what can be seen */
#define NEAR_END 0.75 /* of the limit, from where on it is shown as near */

void chart_seconds(FILE *out, const uint32_t *counts, size_t seconds, const char *css)
{
	uint64_t sum = 0, peak = 0, top;

	for (size_t i = 0; i < seconds; i++) {
		sum += counts[i];
		peak = counts[i] > peak ? counts[i] : peak;
	}
	top = peak > LEAST ? peak : LEAST;
	fprintf(out,
		"<svg class=\"%s\" viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\" "
		"role=\"img\" "
		"aria-label=\"%" PRIu64 " in the last minute, at most %" PRIu64 " in a second\">"
		"<path class=\"base\" d=\"M0 %d.5h%zu\"/>",
		css, seconds * 2, HEIGHT + 1, sum, peak, HEIGHT, seconds * 2);
	if (sum) {
		fputs("<path class=\"bars\" d=\"", out);
		for (size_t i = 0; i < seconds; i++)
			if (counts[i])
				fprintf(out, "M%zu %dv-%.1fh1.5V%dz", i * 2, HEIGHT,
					(double)HEIGHT * counts[i] / (double)top, HEIGHT);
		fputs("\"/>", out);
	}
	fputs("</svg>", out);
}

/* In thousandths; more than the limit may run when it was lowered. */
static unsigned share(uint64_t count, uint64_t limit)
{
	unsigned part = count < limit ? (unsigned)((double)count / (double)limit * ALL) : ALL;

	return count && part < VISIBLE ? VISIBLE : part;
}

void chart_meter(FILE *out, uint64_t now, uint64_t peak, uint64_t limit)
{
	const char *css = now >= limit                              ? "meter full"
			  : (double)now >= NEAR_END * (double)limit ? "meter near"
								    : "meter";

	fprintf(out,
		"<svg class=\"%s\" viewBox=\"0 0 %d 6\" preserveAspectRatio=\"none\" "
		"role=\"meter\" "
		"aria-label=\"running\" aria-valuemin=\"0\" aria-valuemax=\"%" PRIu64
		"\" aria-valuenow=\"%" PRIu64 "\"><rect class=\"track\" width=\"%d\" height=\"6\"/>"
		"<rect class=\"used\" width=\"%u\" height=\"6\"/>",
		css, ALL, limit, now < limit ? now : limit, ALL, share(now, limit));
	if (peak > now)
		fprintf(out, "<rect class=\"peak\" x=\"%u\" width=\"%d\" height=\"6\"/>",
			share(peak, limit) - VISIBLE, VISIBLE);
	fputs("</svg>", out);
}
