/* self: see self.h. */
#include "common/self.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_blocked(int sig)
{
	sigset_t mask;

	return sigprocmask(SIG_BLOCK, NULL, &mask) == 0 && sigismember(&mask, sig) == 1;
}

static bool is_ignored(int sig)
{
	struct sigaction action;

	return sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void put_signals(FILE *out, const char *key, bool (*is_so)(int signal))
{
	const char *separator = "";

	fprintf(out, "%s=", key);
	for (int sig = 1; sig < NSIG; sig++) {
		if (is_so(sig)) {
			fprintf(out, "%s%d", separator, sig);
			separator = ",";
		}
	}
	fputc('\n', out);
}

void self_tell_signals(FILE *out)
{
	put_signals(out, "signals.blocked", is_blocked);
	put_signals(out, "signals.ignored", is_ignored);
}

void self_tell_descriptors(FILE *out)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[256];

	while (dir && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target));
		if (len > 0 && strtol(entry->d_name, NULL, 10) != dirfd(dir))
			fprintf(out, "descriptor.%s=%.*s\n", entry->d_name, (int)len, target);
	}
	if (dir)
		closedir(dir);
}
