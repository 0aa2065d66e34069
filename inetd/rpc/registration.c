/* registration: see registration.h. */
#include "rpc/registration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "base/fdutil.h"
#include "rpc/alive.h"
#include "rpc/message.h"
#include "rpc/rpcbind.h"

struct registration {
	unsigned number; /* of the service */
	uint32_t program, version;
	char netid[RPC_NETID], address[RPC_UADDR];
	bool wanted;
	bool told;              /* what is in `said` has been told */
	char problem[RPC_TEXT]; /* "": none */
	char said[RPC_TEXT];    /* of its service, where it is the first of that */
	TAILQ_ENTRY(registration) in_all;
	RB_ENTRY(registration) by_key;
};

/* Those that are wanted in the order of the newest list, in which those of one service follow one
 * another. */
static TAILQ_HEAD(registration_list, registration) all = TAILQ_HEAD_INITIALIZER(all);

static int compare(const struct registration *a, const struct registration *b)
{
	int order;

	if (a->program != b->program)
		return a->program < b->program ? -1 : 1;
	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	order = strcmp(a->netid, b->netid);
	return order ? order : strcmp(a->address, b->address);
}

static RB_HEAD(registration_tree, registration) tree = RB_INITIALIZER(&tree);
RB_PROTOTYPE(registration_tree, registration, by_key, compare)
RB_GENERATE(registration_tree, registration, by_key, compare)

static struct rpcbind_key key_of(const struct registration *one)
{
	return (struct rpcbind_key){one->program, one->version, one->netid};
}

/* Takes one as wanted, at the end of the list. -1 without memory. */
static int want(struct registration *like)
{
	struct registration *one = RB_FIND(registration_tree, &tree, like);

	if (one) {
		TAILQ_REMOVE(&all, one, in_all);
	} else {
		one = malloc(sizeof(*one));
		if (!one)
			return -1;
		*one = *like;
		RB_INSERT(registration_tree, &tree, one);
	}
	TAILQ_INSERT_TAIL(&all, one, in_all);
	one->told &= one->number == like->number;
	one->number = like->number;
	one->wanted = true;
	return 0;
}

static int read_line(const char *line)
{
	struct registration like = {0};
	unsigned low, high;

	if (sscanf(line, "%u %u %u %u %7s %63s", &like.number, &like.program, &low, &high,
		    like.netid, like.address) != 6) {
		errno = EINVAL;
		return -1;
	}
	for (uint32_t i = 0; i <= high - low; i++) {
		like.version = low + i;
		if (want(&like) < 0)
			return -1;
	}
	return 0;
}

int registration_read_list(int fd)
{
	struct registration *one;
	FILE *list = fdopen(fd, "r");
	char line[RPC_UADDR + 80];
	int result = 0;

	if (!list) {
		fd_close(&fd);
		return -1;
	}
	TAILQ_FOREACH (one, &all, in_all)
		one->wanted = false;
	rewind(list);
	while (!result && fgets(line, sizeof(line), list))
		result = read_line(line);
	fclose(list);
	return result;
}

bool registration_any(void)
{
	return !TAILQ_EMPTY(&all);
}

static void drop(struct registration *one)
{
	TAILQ_REMOVE(&all, one, in_all);
	RB_REMOVE(registration_tree, &tree, one);
	free(one);
}

/* Takes it away where it stands at its address. -1: the connection is lost. */
static int take_away(const struct registration *one)
{
	const struct rpcbind_key key = key_of(one);
	struct rpcbind_entry entry;

	if (!rpcbind_find(&key, &entry) || strcmp(entry.address, one->address) != 0)
		return 0;
	return rpcbind_unset(&key) == RPCBIND_LOST ? -1 : 0;
}

/* Another address stands there: it goes if nobody is at it any more. True if it has gone. */
static bool replaces(struct registration *one, const struct rpcbind_entry *entry, bool *lost)
{
	const struct rpcbind_key key = key_of(one);
	enum rpcbind_result result;

	if (alive_at(entry)) {
		snprintf(one->problem, sizeof(one->problem),
			"version %u of %s belongs to %.20s, at %.40s", one->version, one->netid,
			entry->owner, entry->address);
		return false;
	}
	result = rpcbind_unset(&key);
	*lost = result == RPCBIND_LOST;
	if (result == RPCBIND_REFUSED)
		snprintf(one->problem, sizeof(one->problem),
			"a dead entry of %.20s for version %u of %s cannot be removed",
			entry->owner, one->version, one->netid);
	return result == RPCBIND_DONE;
}

/* -1: the connection is lost. */
static int put(struct registration *one)
{
	const struct rpcbind_key key = key_of(one);
	struct rpcbind_entry entry;
	enum rpcbind_result result;
	bool lost = false;

	one->problem[0] = 0;
	if (rpcbind_find(&key, &entry) && !strcmp(entry.address, one->address))
		return 0;
	if (rpcbind_find(&key, &entry) && !replaces(one, &entry, &lost))
		return lost ? -1 : 0;
	result = rpcbind_set(&key, one->address);
	if (result == RPCBIND_REFUSED)
		snprintf(one->problem, sizeof(one->problem), "it refuses version %u of %s",
			one->version, one->netid);
	return result == RPCBIND_LOST ? -1 : 0;
}

int registration_settle(void)
{
	struct registration *one, *next;
	bool gone = false;

	if (rpcbind_read() == RPCBIND_LOST)
		return -1;
	for (one = TAILQ_FIRST(&all); one; one = next) {
		next = TAILQ_NEXT(one, in_all);
		if (one->wanted)
			continue;
		if (take_away(one) < 0)
			return -1;
		drop(one);
		gone = true;
	}
	if (gone && rpcbind_read() == RPCBIND_LOST)
		return -1;
	TAILQ_FOREACH (one, &all, in_all)
		if (put(one) < 0)
			return -1;
	return 0;
}

void registration_fail(const char *why)
{
	struct registration *one;

	TAILQ_FOREACH (one, &all, in_all)
		strlcpy(one->problem, why, sizeof(one->problem));
}

void registration_clear(void)
{
	struct registration *one;

	if (rpcbind_read() == RPCBIND_LOST)
		return;
	TAILQ_FOREACH (one, &all, in_all)
		if (take_away(one) < 0)
			return;
}

bool registration_has_problem(void)
{
	const struct registration *one;

	TAILQ_FOREACH (one, &all, in_all)
		if (one->wanted && one->problem[0])
			return true;
	return false;
}

void registration_report(void (*tell)(unsigned number, const char *problem))
{
	struct registration *one = TAILQ_FIRST(&all);

	while (one) {
		struct registration *first = one;
		const char *problem = "";

		for (; one && one->number == first->number; one = TAILQ_NEXT(one, in_all))
			if (one->wanted && !*problem)
				problem = one->problem;
		if (!first->wanted || (first->told && !strcmp(problem, first->said)))
			continue;
		tell(first->number, problem);
		strlcpy(first->said, problem, sizeof(first->said));
		first->told = true;
	}
}
