/* check: see check.h. Here: kind of service, identity, program and socket options. */
#include "config/check/check.h"

#include "config/check/key_rules.h"
#include "config/check/merge.h"
#include "config/keys/key.h"
#include "config/keys/protocol.h"

static const char *socktype_name(int socktype)
{
	for (const struct key_word *row = key_table[KEY_SOCKET_TYPE].words; row->word; row++)
		if (row->value == socktype)
			return row->word;
	return "?";
}

static void check_type(struct check *check)
{
	const struct draft *draft = check->draft;
	struct service *service = check->service;

	if (!draft->protocol)
		return;
	service->protocol = draft->protocol->name;
	service->ip_protocol = draft->protocol->number;
	if (draft->set[KEY_SOCKET_TYPE] && !protocol_has_type(draft->protocol, service->socktype))
		CHECK_ERROR(check, KEY_SOCKET_TYPE, "%s has no %s sockets; it has %s",
			draft->protocol->name, socktype_name(service->socktype),
			protocol_types(draft->protocol));
}

/* True if a key is not set, and was not given wrongly either. */
static bool is_missing(const struct draft *draft, enum key_id id)
{
	return !draft->set[id] && !draft->bad[id] && !draft->incomplete;
}

/* A header is read to the byte; a message would be cut. */
static void check_header(struct check *check)
{
	const struct service *service = check->service;

	if (!service_has_proxies(service) || service->socktype == SOCK_STREAM ||
		service->socktype == SOCK_DGRAM) /* which has been refused */
		return;
	if (check->draft->by_default[KEY_PROXY_PROTOCOL])
		check->policy->proxies = (struct proxy_senders){.local = false};
	else
		CHECK_ERROR(check, KEY_PROXY_PROTOCOL,
			"proxy_protocol: is for streams of bytes, not for %s",
			socktype_name(service->socktype));
}

static void check_builtin(struct check *check)
{
	struct draft *draft = check->draft;
	struct service *service = check->service;
	const char *name = draft->name, *base = name ? strrchr(name, '/') : NULL;

	if (name && is_missing(draft, KEY_INTERNAL) && is_missing(draft, KEY_SERVER)) {
		/* A path bears the name in its last part, as on FreeBSD. */
		name = base ? base + 1 : name + (*name == '@');
		service->builtin = builtin_find(name);
		if (!service->builtin)
			CHECK_ERROR(check, KEY_PORT,
				"no built-in service is called '%s': name one, as in 'internal "
				"echo'",
				name);
	}
	if (service->socktype == SOCK_DGRAM && service->builtin == BUILTIN_TCPMUX)
		CHECK_ERROR(check, KEY_SOCKET_TYPE, "tcpmux is for stream sockets");
	if (service->socktype == SOCK_SEQPACKET ||
		(service->socktype == SOCK_DGRAM && draft->places & (PLACE_PATH | PLACE_ABSTRACT)))
		CHECK_ERROR(check, KEY_SOCKET_TYPE,
			"built-in services are for streams and for udp, not for %s of unix",
			socktype_name(service->socktype));
	if (service->socktype == SOCK_STREAM && service->wait)
		CHECK_WARNING(check, KEY_WAIT,
			"a built-in stream service is never 'wait': "
			"served as nowait");
	service->wait = service->socktype == SOCK_DGRAM;
}

/* It may be known later: the daemon looks it up again. */
static void note_unknown(struct check *check, const char *name, bool group)
{
	struct config *config = check->load->config;
	struct unknown_name *one =
		load_memory(check->load, arena_alloc(&config->arena, sizeof(*one)));

	if (!one)
		return;
	*one = (struct unknown_name){load_memory(check->load, arena_strdup(&config->arena, name)),
		group, config->unknown};
	if (one->name)
		config->unknown = one;
}

/* The user of the draft and his groups; NULL without memory. In some words root keeps his own. */
static const struct person *find_person(const struct check *check)
{
	const struct draft *draft = check->draft;
	struct lookup *lookup = &check->load->lookup;
	const struct person *person, *root;

	person = lookup_person(lookup, draft->set[KEY_USER] ? draft->user : "0",
		draft->set[KEY_GROUP] ? draft->group : NULL);
	if (!person || person->result != LOOKUP_OK || person->identity.uid || !draft->positional ||
		draft->set[KEY_GROUP] || !draft->dialect->root_keeps_group)
		return person;
	root = lookup_person(lookup, "0", NULL);
	if (root && root->identity.gid != person->identity.gid)
		diag_add(check->load->diag, DIAG_NOTE, draft_where(draft, KEY_USER),
			"the group is passed over, as the user is root: in this dialect root keeps "
			"its own");
	return root;
}

/* True if what is before the dot of USER.GROUP is a user: it is the group that is not known. */
static bool is_user_of_group(const struct check *check, const char *name, const char *dot)
{
	char user[64];
	uid_t uid;

	if (!dot || (size_t)(dot - name) >= sizeof(user))
		return false;
	strlcpy(user, name, (size_t)(dot - name) + 1);
	return lookup_uid(&check->load->lookup, user, &uid);
}

static void check_identity(struct check *check)
{
	const struct draft *draft = check->draft;
	const struct person *person;

	if (!draft->set[KEY_USER] && !draft->internal)
		return;
	/* Whom a built-in runs as is the worker's affair; its entry need not say. */
	person = find_person(check);
	if (!person) {
		check->load->no_memory = true;
		return;
	}
	if (person->result == LOOKUP_USER &&
		is_user_of_group(check, person->bad, strchr(person->bad, '.')))
		CHECK_ERROR(check, KEY_USER, "unknown group '%s'", strchr(person->bad, '.') + 1);
	else if (person->result == LOOKUP_USER)
		CHECK_ERROR(check, KEY_USER, "unknown user '%s'%s", person->bad,
			strchr(person->bad, ' ') ? ": a group follows a colon, as in nobody:nogroup"
						 : "");
	else if (person->result == LOOKUP_GROUP && !*person->bad)
		CHECK_ERROR(check, KEY_USER,
			"no group after the colon of '%s': leave the colon out for the user's",
			draft->user);
	else if (person->result == LOOKUP_GROUP)
		CHECK_ERROR(check, draft->set[KEY_GROUP] ? KEY_GROUP : KEY_USER,
			"unknown group '%s'", person->bad);
	else if (person->result == LOOKUP_NO_GROUP)
		CHECK_ERROR(check, KEY_USER,
			"user %s is not in passwd(5): give the group too, as in %s:GROUP",
			person->bad, person->bad);
	else if (person->other && draft->set[KEY_USER])
		CHECK_WARNING(check, KEY_USER, "inetd is not root: runs as %s, not as '%s'",
			person->identity.user, draft->user);
	if (person->login_class)
		diag_add(check->load->diag, DIAG_NOTE, draft_where(draft, KEY_USER),
			"login class '%s' has no effect, as Linux has none; for the group write "
			"%s:%s",
			person->login_class, person->identity.user ? person->identity.user : "USER",
			person->login_class);
	if (person->result == LOOKUP_USER || person->result == LOOKUP_GROUP)
		note_unknown(check, person->bad, person->result == LOOKUP_GROUP);
	check->policy->identity = person->identity;
}

static void check_socket(struct check *check)
{
	const struct draft *draft = check->draft;
	struct socket_options *socket = &check->policy->socket;
	const struct lookup *lookup = &check->load->lookup;

	if (memcmp(&draft->extras, &socket_extras_none, sizeof(draft->extras)) != 0 &&
		!socket_extras_equal(&draft->extras, NULL))
		check->policy->extras =
			load_share(check->load, &draft->extras, sizeof(draft->extras));
	if (draft->set[KEY_SOCKET_USER] && !lookup_uid(lookup, draft->socket_user, &socket->owner))
		CHECK_ERROR(check, KEY_SOCKET_USER, "unknown user '%s' of the socket",
			draft->socket_user);
	if (draft->set[KEY_SOCKET_GROUP] &&
		!lookup_gid(lookup, draft->socket_group, &socket->group))
		CHECK_ERROR(check, KEY_SOCKET_GROUP, "unknown group '%s' of the socket",
			draft->socket_group);
}

static void service_add(struct load *load, struct service *service)
{
	struct config *config = load->config;

	if (config->service_count == load->service_room) {
		size_t room = load->service_room ? load->service_room * 2 : 64;
		struct service **services = reallocarray(config->services, room, sizeof(*services));

		if (!load_memory(load, services))
			return;
		config->services = services;
		load->service_room = room;
	}
	config->services[config->service_count++] = service;
}

/* Remembers what came of an entry that makes no service. */
static void entry_note(struct check *check)
{
	struct load *load = check->load;
	struct service *service = check->service;
	const struct draft *draft = check->draft;
	enum entry_state state = draft->disable  ? ENTRY_OFF
				 : draft->failed ? ENTRY_FAILED
						 : ENTRY_GOOD;
	void **slot;

	if (!service->name || !service->bind || !draft->protocol)
		return;
	service->id =
		load_memory(load, arena_printf(&load->config->arena, "%s:%s/%s", service->bind,
					  service->name, draft->protocol->base));
	if (state == ENTRY_GOOD || !service->id)
		return;
	slot = load_memory(
		load, map_slot_borrow(load->config->entries, service->id, strlen(service->id)));
	if (slot && state > (enum entry_state)(uintptr_t)*slot)
		*slot = (void *)(uintptr_t)state;
}

/* Reports two keys that say the same thing in different ways. */
static void exclude(struct check *check, enum key_id one, enum key_id other)
{
	CHECK_ERROR(check, one, "%s: there is a %s too, on line %u", key_table[one].name,
		key_table[other].name, draft_where(check->draft, other).line);
}

/* What every entry must set, in whichever syntax, and what only once. */
static void check_required(struct check *check)
{
	static const enum key_id pairs[][2] = {
		{KEY_LISTEN, KEY_PORT}, {KEY_LISTEN, KEY_MUX}, {KEY_MUX, KEY_PORT}};
	struct draft *draft = check->draft;

	if (draft->internal && draft->set[KEY_SERVER])
		exclude(check, KEY_INTERNAL, KEY_SERVER);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (draft->set[pairs[i][0]] && draft->set[pairs[i][1]])
			exclude(check, pairs[i][0], pairs[i][1]);
	if (draft->internal)
		return;
	if (is_missing(draft, KEY_SERVER) && !draft->bad[KEY_INTERNAL])
		CHECK_ERROR(check, KEY_SERVER, "no program: server = /path, or internal = NAME");
	if (is_missing(draft, KEY_USER) && !draft->bad[KEY_INTERNAL])
		CHECK_ERROR(check, KEY_USER, "no user to run the program as: user = NAME");
}

/* That of the service before, mostly. */
static const struct policy *share_policy(struct load *load, const struct policy *policy)
{
	const struct config *config = load->config;
	const struct policy *before =
		config->service_count ? config->services[config->service_count - 1]->policy : NULL;

	/* Where nothing differs but what is between members, there are two. */
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	return before && !memcmp(before, policy, sizeof(*policy))
		       ? before
		       : load_share(load, policy, sizeof(*policy));
}

static void check_draft(struct load *load, struct draft *draft)
{
	struct policy policy = draft->policy;
	struct check check = {.load = load, .draft = draft, .policy = &policy};
	struct service *service;

	service = load_memory(load, arena_alloc(&load->config->arena, sizeof(*service)));
	if (!service)
		return;
	check_commands(&check);
	*service = draft->service;
	check.service = service;
	service->policy = &policy;
	service->where = draft->where;
	service->source = draft->source;
	service->config = load->config;
	service->yields = draft->dialect && draft->dialect->last_counts;
	if (draft->name)
		service->name =
			load_memory(load, arena_share_text(&load->config->arena, draft->name));
	check_required(&check);
	check_type(&check);
	if (draft->internal)
		check_builtin(&check);
	else
		check_program(&check);
	check_on_demand(&check);
	check_rpc(&check);
	check_identity(&check);
	check_cage(&check);
	check_runs(&check);
	check_socket(&check);
	check_limits(&check);
	check_messages(&check);
	check_environment(&check);
	check_header(&check);
	check_key_rules(&check);
	check_spares(&check);
	check_endpoints(&check);
	if (load->options->advise && !draft->disable && !load->no_memory) {
		check_files(&check);
		check_words(&check);
	}
	entry_note(&check);
	if (draft->failed || draft->disable)
		return;
	service->policy = share_policy(load, &policy);
	draft->made = service;
	service_add(load, service);
}

/* Nothing asks for them again. */
static void forget_entries(struct load *load)
{
	STAILQ_INIT(&load->drafts);
	STAILQ_INIT(&load->sections);
	load->base.draft = load->blank;
	load_free(load, &load->entries);
}

void check_drafts(struct load *load)
{
	struct draft_pack *pack = STAILQ_FIRST(&load->drafts);

	for (; pack && !load->no_memory; pack = STAILQ_NEXT(pack, in_load)) {
		struct draft *draft = load_take(load, pack);

		load_breathe(load);
		arena_clear(&load->work);
		merge_defaults(load, draft);
		check_draft(load, draft);
		if (load->options->advise)
			load_put(load, pack, draft);
	}
	if (!load->options->advise)
		forget_entries(load);
	if (!load->no_memory)
		conflicts_endpoints(load);
	if (!load->no_memory)
		naming_services(load);
}
