/* names: users, groups and service names for the fuzzers, in place of the machine's: the look-ups
 * of libc read files and load libraries each time, which is most of what a target would do. */
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <string.h>

static struct passwd users[] = {
	{.pw_name = "root", .pw_dir = "/root", .pw_shell = "/bin/sh"},
	{.pw_name = "nobody", .pw_uid = 65534, .pw_gid = 65534, .pw_dir = "/", .pw_shell = ""},
};

static struct group groups[] = {{.gr_name = "root"}, {.gr_name = "nogroup", .gr_gid = 65534}};

static char *none[] = {NULL};

static struct servent services[] = {
	{.s_name = "echo", .s_aliases = none, .s_port = 7 << 8, .s_proto = "tcp"},
	{.s_name = "echo", .s_aliases = none, .s_port = 7 << 8, .s_proto = "udp"},
	{.s_name = "tcpmux", .s_aliases = none, .s_port = 1 << 8, .s_proto = "tcp"},
	{.s_name = "ftp", .s_aliases = none, .s_port = 21 << 8, .s_proto = "tcp"},
	{.s_name = "tftp", .s_aliases = none, .s_port = 69 << 8, .s_proto = "udp"},
};
static size_t next_service;

static struct rpcent programs[] = {
	{.r_name = "rstatd", .r_aliases = none, .r_number = 100001},
	{.r_name = "rusersd", .r_aliases = none, .r_number = 100002},
};

#define FIND(table, matches)                                                                       \
	for (size_t i = 0; i < sizeof(table) / sizeof(*(table)); i++)                              \
		if (matches)                                                                       \
			return &(table)[i];                                                        \
	return NULL

struct passwd *getpwnam(const char *name)
{
	FIND(users, !strcmp(users[i].pw_name, name));
}

struct rpcent *getrpcbyname(const char *name)
{
	FIND(programs, !strcmp(programs[i].r_name, name));
}

struct passwd *getpwuid(uid_t uid)
{
	FIND(users, users[i].pw_uid == uid);
}

struct group *getgrnam(const char *name)
{
	FIND(groups, !strcmp(groups[i].gr_name, name));
}

struct group *getgrgid(gid_t gid)
{
	FIND(groups, groups[i].gr_gid == gid);
}

int getgrouplist(const char *user, gid_t group, gid_t *list, int *count)
{
	int room = *count;

	(void)user;
	*count = 1;
	if (room < 1)
		return -1;
	*list = group;
	return 1;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
	FIND(services, !strcmp(services[i].s_name, name) &&
			       (!protocol || !strcmp(services[i].s_proto, protocol)));
}

struct servent *getservent(void)
{
	return next_service < sizeof(services) / sizeof(*services) ? &services[next_service++]
								   : NULL;
}

void setservent(int stay)
{
	(void)stay;
	next_service = 0;
}

void endservent(void)
{
	next_service = 0;
}
