/* type_cage: the types of keys that confine programs: capabilities, processors, ports,
 * paths, system calls. */
#include <ctype.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <strings.h>

#include "config/cage.h"
#include "config/keys/key.h"
#include "config/keys/type_unit.h"
#include "config/text/ini_text.h"
#include "config/text/list.h"

/* Takes one piece of a list into the value that is made. False after a diagnostic. */
typedef bool take_fn(const struct setting *set, const char *piece);

/* Each piece of a list that blanks or commas divide. Returns 0, or -1 after a diagnostic. */
static int take_pieces(const struct setting *set, take_fn *take)
{
	const char *rest = set->value;
	char piece[LIST_PIECE];
	bool good = true, any = false;

	while (list_next(&rest, LIST_BOTH, piece, sizeof(piece))) {
		good &= take(set, piece);
		any = true;
	}
	if (!any)
		TYPE_FAIL(set, "%s: is empty", set->name);
	return good && any ? 0 : -1;
}

/* --- capabilities --- */

static const char *const capability_names[] = {"chown", "dac_override", "dac_read_search", "fowner",
	"fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable", "net_bind_service",
	"net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio",
	"sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
	"sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write",
	"audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm",
	"block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore"};

#define CAPABILITY_COUNT (sizeof(capability_names) / sizeof(capability_names[0]))

static bool take_capability(const struct setting *set, const char *piece)
{
	struct cage_capabilities *out = set->out;
	const char *name = strncasecmp(piece, "cap_", 4) ? piece : piece + 4;

	for (size_t i = 0; i < CAPABILITY_COUNT; i++)
		if (!strcasecmp(capability_names[i], name)) {
			out->kept |= UINT64_C(1) << i;
			return true;
		}
	TYPE_FAIL(set, "%s: '%s' is not a capability, as in net_bind_service", set->name, piece);
	return false;
}

static int parse_capabilities(const struct setting *set)
{
	struct cage_capabilities *out = set->out;

	memset(out, 0, sizeof(*out));
	out->set = true;
	return strcasecmp(set->value, "none") ? take_pieces(set, take_capability) : 0;
}

static bool print_capabilities(const struct key *key, const void *value, FILE *out)
{
	const struct cage_capabilities *capabilities = value;
	struct ini_list list = {.out = out, .name = key->name};

	if (!capabilities->set)
		return false;
	for (size_t i = 0; i < CAPABILITY_COUNT; i++)
		if (capabilities->kept >> i & 1)
			ini_list_add(&list, "", capability_names[i]);
	return ini_list_end(&list) || fprintf(out, "%s = none\n", key->name) > 0;
}

static bool equal_capabilities(const void *a, const void *b)
{
	const struct cage_capabilities *x = a, *y = b;

	return x->set == y->set && x->kept == y->kept;
}

static int join_capabilities(void *out, const void *first, const void *second, struct arena *arena)
{
	const struct cage_capabilities *one = first, *two = second;

	(void)arena;
	*(struct cage_capabilities *)out = (struct cage_capabilities){true, one->kept | two->kept};
	return 0;
}

const struct key_type type_capabilities = {
	.name = "capabilities",
	.help = "none, or capabilities (net_bind_service) with blanks or commas between; += adds "
		"more",
	.bytes = sizeof(struct cage_capabilities),
	.separators = LIST_BOTH,
	.parse = parse_capabilities,
	.print = print_capabilities,
	.equal = equal_capabilities,
	.join = join_capabilities,
};

/* --- lists of numbers --- */

/* "N" or "N-M". False if it is neither, or beyond `most`. */
static bool parse_span(const char *piece, uint32_t most, uint32_t *first, uint32_t *last)
{
	const char *rest = "", *end = "";
	int64_t from = 0, to;

	if (number_scan(piece, 10, &from, &rest) != NUMBER_OK)
		return false;
	to = from;
	if (*rest == '-' && number_scan(rest + 1, 10, &to, &end) != NUMBER_OK)
		return false;
	if ((*rest && *rest != '-') || *end || to < from || to > most)
		return false;
	*first = (uint32_t)from;
	*last = (uint32_t)to;
	return true;
}

static bool take_cpus(const struct setting *set, const char *piece)
{
	struct cage_cpus *out = set->out;
	uint32_t first, last;

	if (!parse_span(piece, CAGE_CPUS - 1, &first, &last)) {
		TYPE_FAIL(set, "%s: '%s' is no number of a processor, nor a range as in 0-3",
			set->name, piece);
		return false;
	}
	for (; first <= last && out->count < CAGE_CPUS; first++)
		out->numbers[out->count++] = first;
	return true;
}

static int parse_cpus(const struct setting *set)
{
	struct cage_cpus *out = set->out;

	memset(out, 0, sizeof(*out));
	out->numbers = arena_calloc(set->arena, CAGE_CPUS, sizeof(*out->numbers));
	return out->numbers ? take_pieces(set, take_cpus) : type_no_memory(set);
}

static bool print_cpus(const struct key *key, const void *value, FILE *out)
{
	const struct cage_cpus *cpus = value;
	struct ini_list list = {.out = out, .name = key->name};
	char text[12];

	for (uint32_t i = 0; i < cpus->count; i++) {
		snprintf(text, sizeof(text), "%" PRIu32, cpus->numbers[i]);
		ini_list_add(&list, "", text);
	}
	return ini_list_end(&list);
}

static bool equal_cpus(const void *a, const void *b)
{
	const struct cage_cpus *x = a, *y = b;

	return x->count == y->count &&
	       (!x->count || !memcmp(x->numbers, y->numbers, x->count * sizeof(*x->numbers)));
}

const struct key_type type_cpus = {
	.name = "cpus",
	.help = "numbers of processors and ranges (0-3) with blanks or commas between",
	.bytes = sizeof(struct cage_cpus),
	.separators = LIST_BOTH,
	.parse = parse_cpus,
	.print = print_cpus,
	.equal = equal_cpus,
};

static bool take_port(const struct setting *set, const char *piece)
{
	struct cage_ports *out = set->out;
	int64_t port;

	if (number_parse(piece, 0, UINT16_MAX, &port) != NUMBER_OK) {
		TYPE_FAIL(set, "%s: '%s' is not the number of a port", set->name, piece);
		return false;
	}
	out->ports[out->count++] = (uint16_t)port;
	return true;
}

static int parse_ports(const struct setting *set)
{
	struct cage_ports *out = set->out;

	memset(out, 0, sizeof(*out));
	out->ports = arena_calloc(
		set->arena, list_count(set->value, LIST_BOTH) + 1, sizeof(*out->ports));
	if (!out->ports)
		return type_no_memory(set);
	return strcasecmp(set->value, "none") ? take_pieces(set, take_port) : 0;
}

static bool print_ports(const struct key *key, const void *value, FILE *out)
{
	const struct cage_ports *ports = value;
	struct ini_list list = {.out = out, .name = key->name};
	char text[8];

	for (uint32_t i = 0; i < ports->count; i++) {
		snprintf(text, sizeof(text), "%u", ports->ports[i]);
		ini_list_add(&list, "", text);
	}
	return ini_list_end(&list) || (ports->ports && fprintf(out, "%s = none\n", key->name) > 0);
}

static bool equal_ports(const void *a, const void *b)
{
	const struct cage_ports *x = a, *y = b;

	return x->count == y->count && !x->ports == !y->ports &&
	       (!x->count || !memcmp(x->ports, y->ports, x->count * sizeof(*x->ports)));
}

const struct key_type type_ports = {
	.name = "ports",
	.help = "numbers of tcp ports with blanks or commas between, or none",
	.bytes = sizeof(struct cage_ports),
	.separators = LIST_BOTH,
	.parse = parse_ports,
	.print = print_ports,
	.equal = equal_ports,
};

/* --- the class of reading and writing (ioprio_set(2)): idle, best-effort or realtime, with :LEVEL
 * after the last two --- */

#define IOPRIO_SHIFT 13
static const char *const io_classes[] = {"none", "realtime", "best-effort", "idle"};

static int parse_ioprio(const struct setting *set)
{
	size_t len = strcspn(set->value, ":");
	int64_t level = 4;

	for (uint32_t class = 1; class < sizeof(io_classes) / sizeof(io_classes[0]); class ++) {
		if (strlen(io_classes[class]) != len ||
			strncasecmp(io_classes[class], set->value, len))
			continue;
		if (set->value[len] && (class == 3 || number_parse(set->value + len + 1, 0, 7,
							      &level) != NUMBER_OK))
			break;
		*(uint32_t *)set->out = class << IOPRIO_SHIFT | (class == 3 ? 0 : (uint32_t)level);
		return 0;
	}
	TYPE_FAIL(set,
		"%s: '%s' is neither idle, best-effort nor realtime, the last two with :0 to :7",
		set->name, set->value);
	return -1;
}

static bool print_ioprio(const struct key *key, const void *value, FILE *out)
{
	uint32_t ioprio = *(const uint32_t *)value, class = ioprio >> IOPRIO_SHIFT;

	if (!class)
		return false;
	if (class == 3)
		return fprintf(out, "%s = idle\n", key->name) > 0;
	return fprintf(out, "%s = %s:%" PRIu32 "\n", key->name, io_classes[class & 3],
		       ioprio & ((1 << IOPRIO_SHIFT) - 1)) > 0;
}

const struct key_type type_ioprio = {
	.name = "ioprio",
	.help = "idle, best-effort or realtime; the last two may have :0 (first) to :7 (last)",
	.bytes = sizeof(uint32_t),
	.parse = parse_ioprio,
	.print = print_ioprio,
};

/* --- yes, no, or names of system calls --- */

static int parse_calls(const struct setting *set)
{
	struct cage_calls *out = set->out;

	memset(out, 0, sizeof(*out));
	if (!strcasecmp(set->value, "no"))
		return 0;
	out->on = true;
	if (!strcasecmp(set->value, "yes"))
		return 0;
	out->names = list_names(set->value, set->arena);
	if (!out->names)
		return type_no_memory(set);
	if (!*out->names)
		TYPE_FAIL(set, "%s: is empty", set->name);
	return *out->names ? 0 : -1;
}

static bool print_calls(const struct key *key, const void *value, FILE *out)
{
	const struct cage_calls *calls = value;
	struct ini_list list = {.out = out, .name = key->name};

	for (char **name = calls->names; name && *name; name++)
		ini_list_add(&list, "", *name);
	return ini_list_end(&list) ||
	       fprintf(out, "%s = %s\n", key->name, calls->on ? "yes" : "no") > 0;
}

static bool equal_calls(const void *a, const void *b)
{
	const struct cage_calls *x = a, *y = b;

	return x->on == y->on && x->keeps_peer == y->keeps_peer &&
	       x->keeps_length == y->keeps_length && type_names.equal(&x->names, &y->names);
}

const struct key_type type_calls = {
	.name = "calls",
	.help = "yes, no, or names of system calls and @default, with blanks or commas between",
	.bytes = sizeof(struct cage_calls),
	.separators = LIST_BOTH,
	.parse = parse_calls,
	.print = print_calls,
	.equal = equal_calls,
};
