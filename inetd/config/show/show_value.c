/* show_value: see show_value.h. */
#include "config/show/show_value.h"

#include "config/keys/protocol.h"

#define MUX_NAME 260 /* bytes of a tcpmux name with its mark */

/* As the type of the key, which is text, prints it. */
static bool print_text(const struct key *key, const char *text, FILE *out)
{
	return key->type->print(key, &text, out);
}

bool show_bind(const struct key *key, const struct service *service, FILE *out)
{
	return print_text(key, service->bind, out);
}

bool show_protocol(const struct key *key, const struct service *service, FILE *out)
{
	const struct protocol *protocol = protocol_find(service->protocol);

	return key->type->print(key, &protocol, out);
}

/* A user or group by number, or -1 for the daemon's. */
static bool print_id(const struct key *key, uint32_t id, FILE *out)
{
	return id != (uid_t)-1 && fprintf(out, "%s = %u\n", key->name, id) > 0;
}

bool show_user(const struct key *key, const struct service *service, FILE *out)
{
	return print_text(key, service->policy->identity.user, out);
}

bool show_group(const struct key *key, const struct service *service, FILE *out)
{
	return print_id(key, service->policy->identity.gid, out);
}

bool show_owner(const struct key *key, const struct service *service, FILE *out)
{
	return print_id(key, service->policy->socket.owner, out);
}

bool show_owner_group(const struct key *key, const struct service *service, FILE *out)
{
	return print_id(key, service->policy->socket.group, out);
}

bool show_server(const struct key *key, const struct service *service, FILE *out)
{
	return print_text(key, service->server, out);
}

bool show_arguments(const struct key *key, const struct service *service, FILE *out)
{
	char *const *arguments = service->argv + 1;

	return key->type->print(key, &arguments, out);
}

bool show_argv0(const struct key *key, const struct service *service, FILE *out)
{
	return print_text(key, service->argv[0], out);
}

bool show_mux(const struct key *key, const struct service *service, FILE *out)
{
	char name[MUX_NAME];

	snprintf(name, sizeof(name), "%s%s", service->mux_go ? "+" : "", service->mux_name);
	return print_text(key, name, out);
}

bool show_disable(const struct key *key, const struct service *service, FILE *out)
{
	(void)service;
	return fprintf(out, "%s = no\n", key->name) > 0;
}
