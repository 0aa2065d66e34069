/* gen_memory: what a process and its descendants use, from /proc/PID/smaps_rollup. */
#include <dirent.h>
#include <unistd.h>

#include "gen.h"

#define NAME_MAX_BYTES 64

struct process {
	pid_t pid, parent;
	bool family; /* the root or a descendant of it */
	char name[NAME_MAX_BYTES];
};

/* All processes of the machine. */
struct snapshot {
	struct process *processes; /* owned */
	size_t count, room;
};

/* "PID (NAME) STATE PARENT ...", where a name may hold anything (proc(5), stat). */
static bool process_read(pid_t pid, struct process *process)
{
	char path[64], line[512], *open = NULL, *close = NULL;
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fgets(line, sizeof(line), file)) {
		open = strchr(line, '(');
		close = strrchr(line, ')');
	}
	fclose(file);
	if (!open || !close || sscanf(close + 1, " %*c %d", &parent) != 1)
		return false;
	*close = '\0';
	*process = (struct process){.pid = pid, .parent = parent};
	strlcpy(process->name, open + 1, sizeof(process->name));
	return true;
}

static bool snapshot_add(struct snapshot *all, pid_t pid)
{
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 256;
		struct process *more = reallocarray(all->processes, room, sizeof(*more));

		if (!more)
			return false;
		all->processes = more;
		all->room = room;
	}
	all->count += process_read(pid, &all->processes[all->count]);
	return true;
}

static void snapshot_read(struct snapshot *all)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *error;
		pid_t pid = (pid_t)strtonum(entry->d_name, 1, INT32_MAX, &error);

		if (!error && !snapshot_add(all, pid))
			break;
	}
	if (dir)
		closedir(dir);
}

static bool is_family(const struct snapshot *all, pid_t pid)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->processes[i].pid == pid)
			return all->processes[i].family;
	return false;
}

/* Marks the root, then children of what is marked until there are no more. */
static void snapshot_mark(struct snapshot *all, pid_t root)
{
	bool found = true;

	while (found) {
		found = false;
		for (size_t i = 0; i < all->count; i++) {
			struct process *process = &all->processes[i];

			if (process->family || (process->pid != root && process->parent != root &&
						       !is_family(all, process->parent)))
				continue;
			process->family = found = true;
		}
	}
}

static bool memory_read(pid_t pid, struct memory *memory)
{
	char path[64], line[256];
	unsigned long long kib;
	FILE *file;

	*memory = (struct memory){.processes = 1};
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Rss: %llu", &kib) == 1)
			memory->rss_kib = kib;
		else if (sscanf(line, "Private_Clean: %llu", &kib) == 1)
			memory->private_clean_kib = kib;
		else if (sscanf(line, "Private_Dirty: %llu", &kib) == 1)
			memory->private_dirty_kib = kib;
		else if (sscanf(line, "Pss_Anon: %llu", &kib) == 1)
			memory->anonymous_kib = kib;
	}
	fclose(file);
	return true;
}

static void memory_print(const struct process *process, const struct memory *memory)
{
	printf("mode=memory pid=%d name=%s rss_kib=%llu private_clean_kib=%llu "
	       "private_dirty_kib=%llu anonymous_kib=%llu\n",
		(int)process->pid, process->name, (unsigned long long)memory->rss_kib,
		(unsigned long long)memory->private_clean_kib,
		(unsigned long long)memory->private_dirty_kib,
		(unsigned long long)memory->anonymous_kib);
}

static void memory_of_family(pid_t root, struct memory *sum, bool print)
{
	struct snapshot all = {0};

	snapshot_read(&all);
	snapshot_mark(&all, root);
	for (size_t i = 0; i < all.count; i++) {
		struct memory memory;

		if (!all.processes[i].family || !memory_read(all.processes[i].pid, &memory))
			continue;
		if (print)
			memory_print(&all.processes[i], &memory);
		sum->rss_kib += memory.rss_kib;
		sum->private_clean_kib += memory.private_clean_kib;
		sum->private_dirty_kib += memory.private_dirty_kib;
		sum->anonymous_kib += memory.anonymous_kib;
		sum->processes += memory.processes;
	}
	free(all.processes);
}

void memory_sum(pid_t root, struct memory *sum)
{
	if (root > 0)
		memory_of_family(root, sum, false);
}

int gen_memory(const struct gen_options *options)
{
	struct memory sum = {0};

	memory_of_family(options->pid, &sum, true);
	return sum.processes == 0;
}
