/* loadavg: for LD_PRELOAD: the load average of one minute is what the first line of the file
 * FAULT_LOADAVG says. */
#include <stdio.h>
#include <stdlib.h>

int getloadavg(double loads[], int count)
{
	const char *path = getenv("FAULT_LOADAVG");
	FILE *file = path ? fopen(path, "re") : NULL;
	int known = file && count > 0 && fscanf(file, "%lf", &loads[0]) == 1 ? 1 : -1;

	if (file)
		fclose(file);
	return known;
}
