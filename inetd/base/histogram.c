/* histogram: see histogram.h. */
#include "base/histogram.h"

#define MS 1000ULL
#define S  (1000 * MS)

const struct histogram_bounds histogram_of_starts = {
	{50, 100, 200, 500, 1 * MS, 2 * MS, 5 * MS, 10 * MS, 20 * MS, 50 * MS, 200 * MS, 1 * S}};

const struct histogram_bounds histogram_of_durations = {{1 * MS, 5 * MS, 20 * MS, 100 * MS,
	500 * MS, 1 * S, 5 * S, 30 * S, 120 * S, 600 * S, 3600 * S, 86400 * S}};

void histogram_add(struct histogram *histogram, const struct histogram_bounds *bounds, uint64_t us)
{
	size_t i = 0;

	while (i < HISTOGRAM_BOUNDS && us > bounds->us[i])
		i++;
	histogram->counts[i]++;
	histogram->sum_us += us;
}

uint64_t histogram_up_to(const struct histogram *histogram, size_t i)
{
	uint64_t sum = 0;

	for (size_t k = 0; k <= i && k <= HISTOGRAM_BOUNDS; k++)
		sum += histogram->counts[k];
	return sum;
}
