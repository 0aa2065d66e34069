/* cage_calls: see cage_calls.h. In the order of the stages: what takes rights of root or the
 * daemon's descriptors comes first, the filter of system calls last, but for one that only keeps a
 * program to its connection, which is to take no rights and so comes while we have ours.
 * no_new_privs comes before the rule set of landlock(7) and the filter, which ask for it where the
 * process is not root any more.
 */
#include "run/cage/cage_calls.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/rawcall.h"
#include "run/cage/landlock.h"

#define CAPABILITIES   64
#define CALLS_MOST     (27 + RLIM_NLIMITS + 2 * CAPABILITIES)
#define IOPRIO_PROCESS 1 /* IOPRIO_WHO_PROCESS, ioprio_set(2) */
#define OOM_FILE       "/proc/self/oom_score_adj"
#define SET_FILTER     1 /* SECCOMP_SET_MODE_FILTER, seccomp(2) */
#define CPU_WORDS      (CPU_SETSIZE / (8 * sizeof(unsigned long)))

/* The list and what its calls point to, in one block. */
struct block {
	struct spawn_call calls[CALLS_MOST + 1];
	size_t count;
	char oom[12];
	unsigned long cpus[CPU_WORDS];
	struct raw_limit limits[RLIM_NLIMITS];
	struct __user_cap_header_struct cap_header;
	struct __user_cap_data_struct cap_data[2];
	char *chroot, *directory; /* NULL: none */
	char texts[];
};

static void add(struct block *block, enum spawn_stage stage, const char *step, long number, long a,
	long b, long c)
{
	block->calls[block->count++] = (struct spawn_call){step, stage, number, {a, b, c}};
}

/* Its memory is counted, or rated, apart from ours. */
static void add_memory(struct block *block, const struct cage *cage)
{
	if (cage->memory_max || cage->oom_score_adj != CAGE_NO_NUMBER)
		add(block, SPAWN_FIRST, "memory", SPAWN_OWN_MEMORY, 0, 0, 0);
}

static void add_oom(struct block *block, const struct cage *cage)
{
	int len;

	if (cage->oom_score_adj == CAGE_NO_NUMBER)
		return;
	len = snprintf(block->oom, sizeof(block->oom), "%d", cage->oom_score_adj);
	add(block, SPAWN_FIRST, "oom_score_adj", SPAWN_WRITE, (long)OOM_FILE, (long)block->oom,
		len);
}

static void add_group(struct block *block, const struct cage_parts *parts)
{
	if (parts->group >= 0)
		add(block, SPAWN_FIRST, "control group", SPAWN_JOIN, parts->group, 0, 0);
}

static void add_namespaces(struct block *block, const struct cage_parts *parts)
{
	if (parts->mounts >= 0) {
		add(block, SPAWN_FIRST, "mount namespace", SYS_setns, parts->mounts, CLONE_NEWNS,
			0);
		/* Where the daemon has another root directory than the machine. */
		add(block, SPAWN_FIRST, "mount namespace", SYS_fchdir, parts->root, 0, 0);
		add(block, SPAWN_FIRST, "mount namespace", SYS_chroot, (long)".", 0, 0);
	}
	if (parts->network >= 0)
		add(block, SPAWN_FIRST, "network namespace", SYS_setns, parts->network,
			CLONE_NEWNET, 0);
}

/* The rule set is entered while the daemon's descriptors are there. */
static void add_landlock(
	struct block *block, const struct cage *cage, const struct cage_parts *parts)
{
	if (cage->no_new_privs)
		add(block, SPAWN_FIRST, "no_new_privs", SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0);
	if (parts->landlock >= 0)
		add(block, SPAWN_FIRST, "landlock", LANDLOCK_ENTER, parts->landlock, 0, 0);
}

static void add_scheduling(struct block *block, const struct cage *cage)
{
	if (cage->ioprio)
		add(block, SPAWN_BEFORE, "ioprio", SYS_ioprio_set, IOPRIO_PROCESS, 0,
			(long)cage->ioprio);
	if (!cage->cpus.numbers)
		return;
	for (uint32_t i = 0; i < cage->cpus.count; i++)
		block->cpus[cage->cpus.numbers[i] / (8 * sizeof(long))] |=
			1UL << cage->cpus.numbers[i] % (8 * sizeof(long));
	add(block, SPAWN_BEFORE, "cpu_affinity", SYS_sched_setaffinity, 0, sizeof(block->cpus),
		(long)block->cpus);
}

static void add_limits(struct block *block, const struct cage *cage)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		if (!cage->limits[i].set)
			continue;
		block->limits[i] = raw_limit(cage->limits[i].soft, cage->limits[i].hard);
		add(block, SPAWN_BEFORE, "setrlimit", SYS_prlimit64, 0, i, (long)&block->limits[i]);
	}
}

static void add_directories(struct block *block)
{
	if (block->chroot)
		add(block, SPAWN_BEFORE, "chroot", SYS_chroot, (long)block->chroot, 0, 0);
	if (block->directory)
		add(block, SPAWN_BEFORE, "directory", SYS_chdir, (long)block->directory, 0, 0);
}

static bool is_kept(const struct cage *cage, unsigned capability)
{
	return cage->capabilities.kept >> capability & 1;
}

static unsigned last_capability(void)
{
	unsigned last = 0;

	while (last + 1 < CAPABILITIES && prctl(PR_CAPBSET_READ, last + 1, 0, 0, 0) >= 0)
		last++;
	return last;
}

/* Who has no rights and gains none by an exec (no_new_privs) is bounded by that: nothing is left
 * that the bounding set could keep from him, which takes a call for each right. */
static void add_bounds(struct block *block, const struct cage *cage, unsigned last)
{
	if (cage->no_new_privs && !cage->capabilities.kept)
		return;
	for (unsigned i = 0; i <= last; i++)
		if (!is_kept(cage, i))
			add(block, SPAWN_BEFORE, "capabilities", SYS_prctl, PR_CAPBSET_DROP, i, 0);
}

/* The rights that are not kept leave the bounding set, so that no program of theirs gives them
 * back. Those that are kept survive the change of the user (PR_SET_KEEPCAPS) and, as ambient ones,
 * the exec. For root the kernel would give all that is in the bounding set. */
static void add_capabilities(struct block *block, const struct cage *cage)
{
	uint64_t kept = cage->capabilities.kept;
	unsigned last = last_capability();

	if (!cage->capabilities.set)
		return;
	add_bounds(block, cage, last);
	if (kept)
		add(block, SPAWN_BEFORE, "capabilities", SYS_prctl, PR_SET_KEEPCAPS, 1, 0);
	block->cap_header.version = _LINUX_CAPABILITY_VERSION_3;
	for (int i = 0; i < 2; i++) {
		uint32_t word = (uint32_t)(kept >> (32 * i));

		block->cap_data[i] = (struct __user_cap_data_struct){word, word, word};
	}
	add(block, SPAWN_AFTER, "capabilities", SYS_capset, (long)&block->cap_header,
		(long)block->cap_data, 0);
	for (unsigned i = 0; i <= last; i++)
		if (is_kept(cage, i))
			add(block, SPAWN_AFTER, "capabilities", SYS_prctl, PR_CAP_AMBIENT,
				PR_CAP_AMBIENT_RAISE, i);
}

static void add_filter(struct block *block, const struct cage *cage, const struct cage_parts *parts)
{
	if (parts->filter.filter)
		add(block, cage->calls.on ? SPAWN_LAST : SPAWN_FIRST,
			cage->calls.on           ? "syscall_filter"
			: cage->calls.keeps_peer ? "network"
						 : "write_paths",
			SYS_seccomp, SET_FILTER, 0, (long)&parts->filter);
}

/* With the texts of the cage, which may go before its programs do. */
static struct block *block_new(const struct cage *cage)
{
	const char *directory = cage->directory || !cage->chroot ? cage->directory : "/";
	size_t chroot_size = cage->chroot ? strlen(cage->chroot) + 1 : 0;
	size_t directory_size = directory ? strlen(directory) + 1 : 0;
	struct block *block = calloc(1, sizeof(*block) + chroot_size + directory_size);

	if (!block)
		return NULL;
	if (chroot_size)
		block->chroot = memcpy(block->texts, cage->chroot, chroot_size);
	if (directory_size)
		block->directory = memcpy(block->texts + chroot_size, directory, directory_size);
	return block;
}

struct spawn_call *cage_calls(const struct cage *cage, const struct cage_parts *parts)
{
	struct block *block = block_new(cage);

	if (!block)
		return NULL;
	add_memory(block, cage);
	add_oom(block, cage);
	add_group(block, parts);
	add_namespaces(block, parts);
	add_landlock(block, cage, parts);
	add_scheduling(block, cage);
	add_limits(block, cage);
	add_directories(block);
	add_capabilities(block, cage);
	add_filter(block, cage, parts);
	return block->calls;
}
