/* machine: see machine.h. */
#include "control/machine.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"

#define LINE_BYTES 8192

static struct {
	struct machine_losses losses;
	uint64_t now_ms;
} at_start;

/* The value below a word of a header line, both as netstat has them. */
static uint64_t below(const char *header, const char *values, const char *word)
{
	char names[LINE_BYTES], numbers[LINE_BYTES], *name_rest = names, *number_rest = numbers;
	const char *name, *number;

	strlcpy(names, header, sizeof(names));
	strlcpy(numbers, values, sizeof(numbers));
	while ((name = strsep(&name_rest, " \n")) && (number = strsep(&number_rest, " \n")))
		if (!strcmp(name, word))
			return strtoull(number, NULL, 10);
	return 0;
}

static struct machine_losses read_losses(void)
{
	char header[LINE_BYTES], values[LINE_BYTES];
	struct machine_losses losses = {0};
	FILE *in = fopen("/proc/net/netstat", "re");

	while (in && fgets(header, sizeof(header), in) && fgets(values, sizeof(values), in))
		if (!strncmp(header, "TcpExt:", 7)) {
			losses.overflows = below(header, values, "ListenOverflows");
			losses.drops = below(header, values, "ListenDrops");
		}
	if (in)
		fclose(in);
	return losses;
}

static uint64_t read_number(const char *path)
{
	FILE *in = fopen(path, "re");
	char text[64] = "";

	if (in && !fgets(text, sizeof(text), in))
		text[0] = 0;
	if (in)
		fclose(in);
	return strtoull(text, NULL, 10);
}

void machine_init(void)
{
	at_start.losses = read_losses();
	at_start.now_ms = loop_now_ms();
}

void machine_put(FILE *out)
{
	record_number(out, "since", at_start.now_ms);
	record_number(out, "overflows", at_start.losses.overflows);
	record_number(out, "drops", at_start.losses.drops);
}

void machine_resume(const struct record *record)
{
	if (!record_get(record, "since"))
		return;
	at_start.now_ms = record_get_number(record, "since");
	at_start.losses.overflows = record_get_number(record, "overflows");
	at_start.losses.drops = record_get_number(record, "drops");
}

struct machine_losses machine_losses(void)
{
	struct machine_losses now = read_losses();

	now.overflows -= at_start.losses.overflows;
	now.drops -= at_start.losses.drops;
	return now;
}

uint64_t machine_uptime(void)
{
	return (loop_now_ms() - at_start.now_ms) / 1000;
}

uint64_t machine_somaxconn(void)
{
	return read_number("/proc/sys/net/core/somaxconn");
}

uint64_t machine_private_kib(void)
{
	FILE *in = fopen("/proc/self/smaps_rollup", "re");
	char line[256];
	uint64_t sum = 0;

	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, "Private_", 8) && strchr(line, ':'))
			sum += strtoull(strchr(line, ':') + 1, NULL, 10);
	if (in)
		fclose(in);
	return sum;
}

uint64_t machine_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	uint64_t count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count > 3 ? count - 3 : 0; /* "." and "..", and the one it was read with */
}
