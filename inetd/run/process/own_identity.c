/* own_identity: see own_identity.h. */
#include "run/process/own_identity.h"

#include <grp.h>
#include <unistd.h>

#define GROUPS_MOST 64

static struct {
	uid_t uid, euid;
	gid_t gid, groups[GROUPS_MOST];
	bool may_setgroups;
	int ngroups; /* -1: more than fit, so never equal */
} own;

void own_identity_read(void)
{
	own.uid = getuid();
	own.gid = getgid();
	own.euid = geteuid();
	own.ngroups = getgroups(GROUPS_MOST, own.groups);
	own.may_setgroups = own.ngroups < 0 || !setgroups((size_t)own.ngroups, own.groups);
}

/* The first group of a list, from `at` on, that is not `gid`, which everybody with it has anyway.
 */
static int next_group(const gid_t *groups, int count, gid_t gid, int at)
{
	while (at < count && groups[at] == gid)
		at++;
	return at;
}

static bool has_our_groups(const struct identity *identity)
{
	int count = (int)identity->ngroups, i = 0, j = 0;

	if (!own.may_setgroups) /* ours will have to do */
		return true;
	if (own.ngroups < 0)
		return false;
	for (;; i++, j++) {
		i = next_group(identity->groups, count, own.gid, i);
		j = next_group(own.groups, own.ngroups, own.gid, j);
		if (i >= count || j >= own.ngroups)
			return i >= count && j >= own.ngroups;
		if (identity->groups[i] != own.groups[j])
			return false;
	}
}

bool own_identity_is(const struct identity *identity)
{
	return identity->uid == own.uid && identity->uid == own.euid && identity->gid == own.gid &&
	       has_our_groups(identity);
}
