/* dialect_warnings: see dialect_warnings.h. */
#include "config/check/dialect_warnings.h"

#include "config/keys/key.h"
#include "config/keys/protocol.h"

#define LISTED 8

/* The lines of one kind in one file: the first, and what is written of the others. */
struct lines {
	struct where first; /* no file: none */
	char others[LISTED * 12];
	size_t count; /* of the others */
};

/* Plain tcp or udp that takes clients of both families. */
static bool is_both(const struct draft *draft)
{
	const struct service *service = draft->made;

	if (draft->protocol->families || service->mux ||
		service->families != (FAMILY_INET | FAMILY_INET6))
		return false;
	for (size_t i = 0; i < service->endpoint_count; i++)
		if (service->endpoints[i].plain &&
			service->endpoints[i].addr.addr.sa.sa_family == AF_INET6)
			return true;
	return service->name_count;
}

/* A path that everybody may connect to, as no mode is written. Of root's another warning tells. */
static bool is_path(const struct draft *draft)
{
	const struct service *service = draft->made;

	if (draft->set[KEY_SOCKET_MODE] || (!draft->internal && !service->policy->identity.uid))
		return false;
	for (size_t i = 0; i < service->endpoint_count; i++) {
		const char *path = sockaddr_kept_path(&service->endpoints[i].addr);

		if (path && *path)
			return true;
	}
	return false;
}

/* "root.mail" in the user field. */
static bool is_root_of_group(const struct draft *draft)
{
	const struct identity *identity = &draft->made->policy->identity;

	return !draft->internal && !draft->set[KEY_GROUP] && !identity->as_caller &&
	       !identity->uid && identity->gid;
}

/* nowait.N, which is no reason to close the service here. */
static bool is_limited(const struct draft *draft)
{
	const uint32_t count = draft->made->policy->limits.rate.count;

	return draft->set[KEY_RATE] && count && count != LIMIT_NONE;
}

static const struct kind {
	bool (*is)(const struct draft *draft);
	enum severity severity; /* a note where most files mean what we do */
	bool always;            /* in every dialect: it is so in none of them */
	const char *text;
} kinds[] = {
	{is_both, DIAG_NOTE, false,
		"tcp and udp are IPv4 and IPv6 here, as on Debian; the BSDs, GNU inetutils and "
		"busybox mean IPv4: write tcp4 or udp4 for that, or a line '# dialect: NAME'"},
	{is_path, DIAG_WARNING, false,
		"a unix socket without a mode is open to every local user here (0666); FreeBSD "
		"gives it 0600, NetBSD and busybox 0755: write :USER:GROUP:MODE:/PATH, or a line "
		"'# dialect: "
		"NAME'"},
	{is_root_of_group, DIAG_WARNING, false,
		"the group of the user field is root's here; Debian and GNU inetutils pass it "
		"over: write root alone for that, or a line '# dialect: NAME'"},
	{is_limited, DIAG_NOTE, true,
		"who comes after that many starts in a minute waits here; other inetds close the "
		"service then, for ten minutes (busybox: for one)"},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void tell(struct load *load, const struct kind *kind, struct lines *lines)
{
	const char *more = lines->count > LISTED ? ", ..." : "";

	if (!lines->first.file)
		return;
	if (lines->count)
		diag_add(load->diag, kind->severity, lines->first, "%s (so line%s%s%s)", kind->text,
			lines->count > 1 ? "s" : "", lines->others, more);
	else
		diag_add(load->diag, kind->severity, lines->first, "%s", kind->text);
	*lines = (struct lines){.count = 0};
}

static void note_line(
	struct load *load, const struct kind *kind, struct lines *lines, struct where where)
{
	size_t len = strlen(lines->others);

	if (lines->first.file && strcmp(lines->first.file, where.file) != 0)
		tell(load, kind, lines);
	if (!lines->first.file) {
		lines->first = where;
		return;
	}
	if (lines->count++ < LISTED)
		snprintf(lines->others + len, sizeof(lines->others) - len, "%s %u", len ? "," : "",
			where.line);
}

void dialect_warnings_load(struct load *load)
{
	struct lines lines[KINDS] = {{.count = 0}};
	const struct draft_pack *pack;

	STAILQ_FOREACH (pack, &load->drafts, in_load) {
		const struct draft *draft = load_take(load, pack);

		load_breathe(load);
		if (!draft->positional || !draft->made)
			continue;
		for (size_t i = 0; i < KINDS; i++)
			if ((kinds[i].always || draft->dialect == &dialect_auto) &&
				kinds[i].is(draft))
				note_line(load, &kinds[i], &lines[i], draft->where);
	}
	for (size_t i = 0; i < KINDS; i++)
		tell(load, &kinds[i], &lines[i]);
}
