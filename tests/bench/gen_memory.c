/* gen_memory: what a process and its descendants use, from /proc/PID/smaps_rollup. */
#include <dirent.h>
#include <sys/queue.h>
#include <unistd.h>

#include "gen.h"

struct process {
	SLIST_ENTRY(process) link;
	pid_t pid, parent;
	char name[32];
};
SLIST_HEAD(process_list, process);

/* "PID (NAME) STATE PARENT ...", where a name may hold anything (proc(5), stat). */
static struct process *process_read(pid_t pid)
{
	char path[64], line[512], *open, *close;
	struct process *process = NULL;
	FILE *file;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	if (fgets(line, sizeof(line), file) && (open = strchr(line, '(')) &&
		(close = strrchr(line, ')')) && sscanf(close + 1, " %*c %d", &parent) == 1)
		process = calloc(1, sizeof(*process));
	fclose(file);
	if (!process)
		return NULL;
	*close = '\0';
	process->pid = pid;
	process->parent = parent;
	strlcpy(process->name, open + 1, sizeof(process->name));
	return process;
}

static void process_list_read(struct process_list *all)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *error;
		pid_t pid = (pid_t)strtonum(entry->d_name, 1, INT32_MAX, &error);
		struct process *process = error ? NULL : process_read(pid);

		if (process)
			SLIST_INSERT_HEAD(all, process, link);
	}
	if (dir)
		closedir(dir);
}

static void memory_read(pid_t pid, struct memory *memory)
{
	char path[64], line[256];
	unsigned long long kib;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Rss: %llu", &kib) == 1)
			memory->rss_kib += kib;
		else if (sscanf(line, "Private_Clean: %llu", &kib) == 1)
			memory->private_clean_kib += kib;
		else if (sscanf(line, "Private_Dirty: %llu", &kib) == 1)
			memory->private_dirty_kib += kib;
	}
	memory->processes++;
	fclose(file);
}

static void memory_print(const struct process *process, const struct memory *memory)
{
	printf("mode=memory pid=%d name=%s rss_kib=%llu private_clean_kib=%llu "
	       "private_dirty_kib=%llu\n",
		(int)process->pid, process->name, (unsigned long long)memory->rss_kib,
		(unsigned long long)memory->private_clean_kib,
		(unsigned long long)memory->private_dirty_kib);
}

/* Moves root and its descendants from one list to another. */
static void family_take(struct process_list *all, struct process_list *family, pid_t root)
{
	struct process *process, *next;

	SLIST_FOREACH (process, all, link)
		if (process->pid == root)
			break;
	if (!process)
		return;
	SLIST_REMOVE(all, process, process, link);
	SLIST_INSERT_HEAD(family, process, link);
	do {
		next = NULL;
		SLIST_FOREACH (process, all, link)
			if (process->parent == root)
				next = process;
		if (next)
			family_take(all, family, next->pid);
	} while (next);
}

static void family_sum(pid_t root, struct memory *sum, bool print)
{
	struct process_list all = SLIST_HEAD_INITIALIZER(all);
	struct process_list family = SLIST_HEAD_INITIALIZER(family);
	struct process *process;

	process_list_read(&all);
	family_take(&all, &family, root);
	SLIST_FOREACH (process, &family, link) {
		struct memory memory = {0};

		memory_read(process->pid, &memory);
		if (print)
			memory_print(process, &memory);
		sum->rss_kib += memory.rss_kib;
		sum->private_clean_kib += memory.private_clean_kib;
		sum->private_dirty_kib += memory.private_dirty_kib;
		sum->processes += memory.processes;
	}
	while ((process = SLIST_FIRST(&family))) {
		SLIST_REMOVE_HEAD(&family, link);
		free(process);
	}
	while ((process = SLIST_FIRST(&all))) {
		SLIST_REMOVE_HEAD(&all, link);
		free(process);
	}
}

void memory_sum(pid_t root, struct memory *sum)
{
	if (root > 0)
		family_sum(root, sum, false);
}

int gen_memory(const struct gen_options *options)
{
	struct memory sum = {0};

	family_sum(options->pid, &sum, true);
	return sum.processes == 0;
}
