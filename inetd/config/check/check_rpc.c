/* check_rpc: "rusersd/2-3" or "100002/2": an RPC program and the versions of it that are served. */
#include "config/check/check.h"
#include "config/keys/key.h"
#include "config/keys/protocol.h"
#include "config/text/number.h"

static bool is_number(const char *text, int64_t *number)
{
	return number_parse(text, 0, UINT32_MAX, number) == NUMBER_OK;
}

/* Of a name or a number; reports what is neither. */
static void read_program(struct check *check, const char *text, struct rpc_program *program)
{
	bool digits = *text && !text[strspn(text, "0123456789")];
	int64_t number = 0;

	if (digits && !is_number(text, &number))
		CHECK_ERROR(check, KEY_RPC, "rpc: %s is not within 0 to 4294967295", text);
	else if (!digits && !lookup_rpc(&check->load->lookup, text, &program->number))
		CHECK_ERROR(check, KEY_RPC,
			"rpc: '%s' is no program of rpc(5): write its number, as in 100002/2-3",
			text);
	if (digits)
		program->number = (uint32_t)number;
}

/* "2" or "2-3"; reports what is neither. */
static void read_versions(struct check *check, char *text, struct rpc_program *program)
{
	const char *whole = check->draft->service.rpc;
	char *dash = strchr(text, '-');
	int64_t low = 0, high = 0;

	if (dash)
		*dash++ = 0;
	if (!is_number(text, &low) || !is_number(dash ? dash : text, &high))
		CHECK_ERROR(check, KEY_RPC,
			"rpc: '%s': the versions are one number or two, as in /2 or /2-3", whole);
	else if (low > high)
		CHECK_ERROR(check, KEY_RPC,
			"rpc: '%s': the lower version comes first: write /%s-%s", whole, dash,
			text);
	else if (high - low >= RPC_VERSIONS)
		CHECK_ERROR(check, KEY_RPC, "rpc: '%s' has %jd versions: %d at most", whole,
			(intmax_t)(high - low + 1), RPC_VERSIONS);
	program->low = (uint32_t)low;
	program->high = (uint32_t)high;
}

void check_rpc(struct check *check)
{
	struct draft *draft = check->draft;
	struct rpc_program program = {0};
	struct load *load = check->load;
	char *name, *versions;

	if (!draft->set[KEY_RPC])
		return;
	name = load_memory(load, arena_strdup(&load->work, draft->service.rpc));
	versions = name ? strchr(name, '/') : NULL;
	if (name && !versions)
		CHECK_ERROR(check, KEY_RPC,
			"rpc: '%s' lacks the versions that the program serves: as in %s/1 or "
			"%s/1-3",
			name, name, name);
	if (!versions)
		return;
	*versions++ = 0;
	read_program(check, name, &program);
	read_versions(check, versions, &program);
	if (draft->protocol && draft->places & PLACE_INET &&
		draft->protocol->number != IPPROTO_TCP && draft->protocol->number != IPPROTO_UDP)
		CHECK_ERROR(check, KEY_RPC, "rpc: rpcbind tells ports of tcp and udp, not of %s",
			draft->protocol->name);
	if (draft->failed)
		return;
	check->service->program = load_share(load, &program, sizeof(program));
	if (load->options->without_rpc)
		CHECK_WARNING(check, KEY_RPC,
			"rpc: this inetd was built without libtirpc: rpcbind is not told, and who "
			"asks it does not find the port");
}
