/* field: see field.h. */
#include "config/syntax/field.h"

#include "config/keys/key.h"
#include "config/keys/protocol.h"

#define RPC_PREFIX "rpc/"

/* One field while it is read. */
struct field {
	struct load *load;
	struct draft *draft;
	const char *text;
	struct where where;
	const char *unix_mode; /* that the dialect gives a unix socket; NULL: none */
};

static void set(struct field *field, enum key_id id, const char *value)
{
	key_set(field->draft, &key_table[id], value, field->where, field->load->diag);
}

/* A copy of the text from `from` to `to`, until the entry is read; "" without memory. */
static const char *part(struct field *field, const char *from, const char *to)
{
	char *copy = load_memory(
		field->load, arena_strndup(&field->load->work, from, (size_t)(to - from)));

	return copy ? copy : "";
}

static void set_name(struct field *field, const char *name)
{
	struct load *load = field->load;

	field->draft->name = load_memory(load, arena_share_text(&load->entries, name));
}

/* "rusersd/2-3": the port is any that is free, and the name is that of the program. */
static void set_rpc(struct field *field, const char *service)
{
	bool local = field->draft->protocol && field->draft->protocol->families == FAMILY_UNIX;

	set(field, KEY_RPC, service);
	set_name(field, part(field, service, service + strcspn(service, "/")));
	if (!draft_places(field->draft))
		set(field, KEY_PORT, local ? service : "0");
}

static void set_service(struct field *field, const char *service)
{
	if (field->draft->calls_rpc) {
		set_rpc(field, service);
		return;
	}
	set_name(field, service);
	if (!draft_places(field->draft)) /* a block may say another place */
		set(field, KEY_PORT, field->draft->set[KEY_RPC] ? "0" : service);
}

/* ":user:group:mode:/path"; parts may be empty. */
static void read_owned(struct field *field)
{
	static const enum key_id ids[] = {KEY_SOCKET_USER, KEY_SOCKET_GROUP, KEY_SOCKET_MODE};
	const char *at = field->text;

	for (size_t i = 0; i < 3; i++) {
		const char *end = at + 1 + strcspn(at + 1, ":");

		if (!*end) {
			diag_add(field->load->diag, DIAG_ERROR, field->where,
				"'%s' is not :user:group:mode:/path", field->text);
			field->draft->failed = true;
			return;
		}
		if (end > at + 1)
			set(field, ids[i], part(field, at + 1, end));
		at = end;
	}
	set_service(field, at + 1);
}

static void read_unix(struct field *field)
{
	const char *text = field->text, *path = strstr(text, ":/");

	if (*text == ':') {
		read_owned(field);
	} else if (*text != '/' && *text != '@' && path) {
		diag_add(field->load->diag, DIAG_WARNING, field->where,
			"'%s': a unix socket has no address: ignored", part(field, text, path));
		set_service(field, path + 1);
	} else {
		set_service(field, text);
	}
	if (field->unix_mode && *text != '@' && !field->draft->set[KEY_SOCKET_MODE])
		set(field, KEY_SOCKET_MODE, field->unix_mode);
}

/* The address of a default line; what is wrong with it is reported for that line. */
static void set_default(struct field *field, const struct input *input)
{
	struct where where = field->where;

	if (input->bind_line)
		where = input_where(input, input->bind_line);
	key_set(field->draft, &key_table[KEY_BIND], input->bind, where, field->load->diag);
}

void field_service(struct input *input, struct draft *draft, const char *text, struct where where)
{
	struct field field = {input->load, draft, text, where, input->dialect->unix_mode};
	const char *colon = strrchr(text, ':'), *end = strchr(text, ']');
	unsigned places = draft_places(draft);
	bool path = *text == '/' || *text == '@' || (*text == ':' && strstr(text, ":/"));

	if (draft->protocol ? draft->protocol->families == FAMILY_UNIX : path) {
		read_unix(&field);
		return;
	}
	if (draft->protocol && draft->protocol->families == FAMILY_VSOCK) {
		set_service(&field, text);
		return;
	}
	if (*text == '[' && end && (end[1] ? !strchr(":%", end[1]) : !!strchr(text, ':'))) {
		if (end[1])
			diag_add(field.load->diag, DIAG_ERROR, where,
				"'%s': a colon is missing after the brackets: write %.*s:%s", text,
				(int)(end + 1 - text), text, end + 1);
		else
			diag_add(field.load->diag, DIAG_ERROR, where,
				"the address %s has no port: write %s:PORT", text, text);
		draft->failed = draft->bad[KEY_PORT] = true;
		return;
	}
	if (colon)
		set(&field, KEY_BIND, colon == text ? "*" : part(&field, text, colon));
	else if (input->bind && !draft->set[KEY_BIND] &&
		 (places ? draft_needs_bind(draft) : strncmp(text, DRAFT_TCPMUX, 7) != 0))
		set_default(&field, input);
	if (colon && !colon[1]) {
		diag_add(field.load->diag, DIAG_ERROR, where, "no service after '%s'", text);
		draft->failed = true;
		return;
	}
	set_service(&field, colon ? colon + 1 : text);
}

void field_arguments(
	struct input *input, struct draft *draft, const struct words *words, size_t first)
{
	struct load *load = input->load;
	struct where where = input_where(input, words->word[first].line);
	char **args =
		load_memory(load, arena_calloc(&load->work, words->count - first, sizeof(*args)));

	if (!args)
		return;
	for (size_t i = first + 1; i < words->count; i++)
		args[i - first - 1] = words->word[i].text;
	key_set(draft, &key_table[KEY_ARGV0], words->word[first].text, where, load->diag);
	key_set_words(draft, &key_table[KEY_SERVER_ARGS], args, where, load->diag);
}

/* More than one colon before that of the port: only IPv6 addresses have them. */
static bool names_ipv6(const char *service)
{
	const char *first = strchr(service, ':');

	return *service != ':' && first && strchr(first + 1, ':');
}

const char *field_protocol(
	const struct input *input, struct draft *draft, const char *protocol, const char *service)
{
	static const char *const four[][2] = {{"tcp", "tcp4"}, {"udp", "udp4"}};
	static const char *const both[][2] = {{"tcp6", "tcp46"}, {"udp6", "udp46"}};
	const struct dialect *dialect = input->dialect;

	draft->calls_rpc = !strncmp(protocol, RPC_PREFIX, strlen(RPC_PREFIX));
	if (draft->calls_rpc)
		protocol += strlen(RPC_PREFIX);
	/* An IPv6 address asks for its family by itself. */
	for (size_t i = 0;
		i < 2 && (dialect->plain_is_ipv4 || draft->calls_rpc) && !names_ipv6(service); i++)
		if (!strcmp(protocol, four[i][0]))
			return four[i][1];
	for (size_t i = 0; i < 2 && dialect->six_takes_ipv4; i++)
		if (!strcmp(protocol, both[i][0]))
			return both[i][1];
	return protocol;
}
