/* names: see names.h. */
#include "config/check/names.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rpcname.h"

#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */
#define GROUPS_FEW 32

static bool copy_text(char *to, size_t size, const char *text)
{
	return strlcpy(to, text ? text : "", size) < size;
}

static void take_user(const struct passwd *entry, struct name_answer *answer)
{
	if (!entry)
		return;
	answer->id = entry->pw_uid;
	answer->gid = entry->pw_gid;
	answer->found = copy_text(answer->name, sizeof(answer->name), entry->pw_name) &&
			copy_text(answer->home, sizeof(answer->home), entry->pw_dir) &&
			copy_text(answer->shell, sizeof(answer->shell), entry->pw_shell);
}

static void take_groups(const struct name_question *question, struct name_answer *answer)
{
	int count = GROUPS_FEW, room = 0;

	while (count > room && count <= GROUPS_MAX) {
		free(answer->groups);
		room = count;
		answer->groups = calloc((size_t)room, sizeof(*answer->groups));
		if (!answer->groups)
			return;
		if (getgrouplist(question->name, question->id, answer->groups, &count) >= 0) {
			answer->found = true;
			answer->group_count = (uint32_t)count;
			return;
		}
	}
}

bool names_ask(const struct name_question *question, struct name_answer *answer)
{
	const struct group *group;
	const struct servent *service;

	memset(answer, 0, sizeof(*answer));
	switch (question->kind) {
	case NAME_USER:
		take_user(getpwnam(question->name), answer);
		break;
	case NAME_UID:
		take_user(getpwuid(question->id), answer);
		break;
	case NAME_GROUP:
		group = getgrnam(question->name);
		answer->found = group != NULL;
		answer->id = group ? group->gr_gid : 0;
		break;
	case NAME_GID:
		group = getgrgid(question->id);
		answer->found = group != NULL;
		answer->id = question->id;
		break;
	case NAME_GROUPS:
		take_groups(question, answer);
		break;
	case NAME_PORT:
		service = getservbyname(question->name, question->protocol);
		answer->found = service != NULL;
		answer->id = service ? ntohs((uint16_t)service->s_port) : 0;
		break;
	case NAME_RPC:
		answer->found = rpcname_number(question->name, &answer->id);
		break;
	}
	return answer->found;
}

/* A database that we ask, and its sources that read files of this machine and nothing else. */
static bool line_may_wait(char *line)
{
	static const char *const databases[] = {"passwd", "group", "initgroups", "services", "rpc"};
	static const char *const files[] = {"files", "compat", "db"};
	char *save = NULL, *name;
	bool ours = false, waits = false;

	line[strcspn(line, "#\n")] = 0;
	name = strtok_r(line, " \t:", &save);
	for (size_t i = 0; name && i < sizeof(databases) / sizeof(databases[0]); i++)
		ours |= !strcmp(name, databases[i]);
	while (ours && !waits && (name = strtok_r(NULL, " \t:", &save))) {
		bool is_file = *name == '['; /* [NOTFOUND=return]: what to do, not whom to ask */

		for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
			is_file |= !strcmp(name, files[i]);
		waits = !is_file && !strpbrk(name, "=]");
	}
	return waits;
}

bool names_may_wait(void)
{
	FILE *file = fopen("/etc/nsswitch.conf", "re");
	char line[1024];
	bool waits = false;

	while (file && !waits && fgets(line, sizeof(line), file))
		waits = line_may_wait(line);
	if (file)
		fclose(file);
	return waits;
}
