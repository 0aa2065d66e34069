/* foreign: see foreign.h. */
#include "config/syntax/foreign.h"

#include "config/text/lexer.h"
#include "config/text/list.h"

#define OF_XINETD  "is a key of xinetd: "
#define OF_SYSTEMD "is a directive of systemd: "

static const struct {
	const char *name, *hint;
} foreign_keys[] = {
	{"cps", OF_XINETD
		"write rate = 25/s for 25 a second; the service is never closed, callers wait"},
	{"disabled", OF_XINETD "write disable = yes in the section of each service"},
	{"enabled", OF_XINETD "write disable = yes in the sections of all others"},
	{"flags", OF_XINETD
		"IPv4 and IPv6 are protocol = tcp4 and tcp6, NAMEINARGS is argv0, others are not "
		"needed"},
	{"banner_success", OF_XINETD "write banner = TEXT or banner = /FILE"},
	{"id", OF_XINETD "the name of the section does it: [NAME], with port for the port"},
	{"instance", OF_XINETD "write instances = N"},
	{"interface", OF_XINETD "write bind = ADDRESS"},
	{"log_on_failure", OF_XINETD "write log = refuse"},
	{"log_on_success", OF_XINETD "write log = start exit"},
	{"log_type",
		OF_XINETD "write log_to = /FILE; without it, inetd logs to syslog or the journal"},
	{"libwrap", OF_XINETD "with -w, argv0 is the name that hosts.allow knows it by"},
	{"mdns", OF_XINETD "nothing is announced: leave it out"},
	{"redirect",
		OF_XINETD "write server = .../redirect, the program of inetd, with server_args = "
			  "ADDRESS:PORT"},
	{"rpc_number", OF_XINETD "write rpc = NUMBER/VERSIONS"},
	{"rpc_version", OF_XINETD "write rpc = NAME/VERSIONS"},
	{"type", OF_XINETD "UNLISTED is not needed, INTERNAL is internal = NAME"},
	{"v6only", OF_XINETD "write protocol = tcp6 for yes, tcp46 for no"},
	{"args", "is server_args here"},
	{"address", "is bind here"},
	{"allow", "is only_from here"},
	{"chdir", "is directory here"},
	{"command", "is server here, and server_args for the arguments"},
	{"cwd", "is directory here"},
	{"deny", "is no_access here"},
	{"environment", "is env here"},
	{"exec", "is server here, and server_args for the arguments"},
	{"gid", "is group here"},
	{"host", "is bind here"},
	{"ip", "is bind here"},
	{"max_connections", "is instances here"},
	{"mode", "is socket_mode here"},
	{"name", "is the section's name, in brackets; argv0 is what the program is called"},
	{"nowait", "is wait = no here"},
	{"path", "is server here; of a unix socket it is listen"},
	{"permissions", "is socket_mode here"},
	{"priority", "is nice here"},
	{"program", "is server here, and server_args for the arguments"},
	{"proxy", "is proxy_protocol here"},
	{"timeout", "is max_time here; for built-ins it is idle_time"},
	{"uid", "is user here"},
	{"working_directory", "is directory here"},
	{"Accept", OF_SYSTEMD "write wait = no for yes, wait = yes for no"},
	{"Backlog", OF_SYSTEMD "write backlog = N"},
	{"BindIPv6Only", OF_SYSTEMD "write protocol = tcp6 or tcp46"},
	{"BindToDevice", OF_SYSTEMD "write bind_device = INTERFACE"},
	{"DeferAcceptSec", OF_SYSTEMD "write defer_accept = yes"},
	{"Environment", OF_SYSTEMD "write env = NAME=VALUE"},
	{"ExecStart", OF_SYSTEMD "write server = PATH, and server_args for the arguments"},
	{"Group", OF_SYSTEMD "write group = NAME"},
	{"ListenDatagram", OF_SYSTEMD "write listen = [ADDRESS:]PORT and protocol = udp"},
	{"ListenStream", OF_SYSTEMD "write listen = [ADDRESS:]PORT"},
	{"MaxConnections", OF_SYSTEMD "write instances = N"},
	{"MaxConnectionsPerSource", OF_SYSTEMD "write per_source = N"},
	{"Nice", OF_SYSTEMD "write nice = N"},
	{"PassEnvironment", OF_SYSTEMD "write passenv = NAME"},
	{"RuntimeMaxSec", OF_SYSTEMD "write max_time = TIME"},
	{"SocketGroup", OF_SYSTEMD "write socket_group = NAME"},
	{"SocketMode", OF_SYSTEMD "write socket_mode = MODE"},
	{"SocketUser", OF_SYSTEMD "write socket_user = NAME"},
	{"StandardError", OF_SYSTEMD "write stderr = log, null, socket or /FILE"},
	{"TriggerLimitBurst", OF_SYSTEMD "write rate = N/s"},
	{"UMask", OF_SYSTEMD "write umask = MODE"},
	{"User", OF_SYSTEMD "write user = NAME"},
};

const char *foreign_key(const char *name)
{
	for (size_t i = 0; i < sizeof(foreign_keys) / sizeof(foreign_keys[0]); i++)
		if (!strcmp(foreign_keys[i].name, name))
			return foreign_keys[i].hint;
	return NULL;
}

/* The next line that is neither blank nor a comment, without blanks around it. False at the end. */
static bool next_text(struct lexer *lexer, struct line *line)
{
	while (lexer_next(lexer, line)) {
		while (line->len && strchr(LIST_BLANKS, *line->text)) {
			line->text++;
			line->len--;
		}
		while (line->len && strchr(LIST_BLANKS, line->text[line->len - 1]))
			line->len--;
		if (line->len && !line->comment && *line->text != ';')
			return true;
	}
	return false;
}

static bool begins_with(const struct line *line, const char *word)
{
	size_t len = strlen(word);

	return line->len >= len && !memcmp(line->text, word, len) &&
	       (line->len == len || strchr(LIST_BLANKS, line->text[len]));
}

/* "service NAME" or "defaults", and then a brace. */
static bool is_xinetd(const struct lexer *lexer, const struct line *first)
{
	struct lexer ahead = *lexer;
	struct line next;

	if (!begins_with(first, "service") && !begins_with(first, "defaults"))
		return false;
	return first->text[first->len - 1] == '{' ||
	       (next_text(&ahead, &next) && *next.text == '{');
}

static bool is_systemd(const struct line *first)
{
	static const char *const heads[] = {"[Unit]", "[Socket]", "[Service]", "[Install]"};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (begins_with(first, heads[i]))
			return true;
	return false;
}

/* [name] alone: no address, which would go on with a colon or a port. */
static bool is_section(const struct line *first)
{
	const char *end = memchr(first->text, ']', first->len);
	size_t len = end ? (size_t)(end - first->text) : 0;

	return *first->text == '[' && len + 1 == first->len && !memchr(first->text, ':', len);
}

/* By its mark, or, as some write none, by two letters. */
static bool is_utf16(const struct input *input)
{
	const char *text = input->text;

	return (input->len >= 2 &&
		       (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2))) ||
	       (input->len >= 4 && !text[0] != !text[1] && !text[0] == !text[2] &&
		       !text[1] == !text[3]);
}

/* Lines end in CR alone: it is not only at the end that there is one. */
static bool is_of_old_mac(const struct input *input)
{
	return memchr(input->text, '\r', input->len - 1) &&
	       !memchr(input->text, '\n', input->len) && !memchr(input->text, 0, input->len);
}

bool foreign_file(struct input *input, bool ini)
{
	struct diag *diag = input->load->diag;
	struct lexer lexer;
	struct line first;
	struct where where = input_where(input, 1);

	if (is_utf16(input)) {
		diag_add(diag, DIAG_ERROR, where, "the file is UTF-16: save it as UTF-8");
		return true;
	}
	if (input->len && is_of_old_mac(input)) {
		diag_add(diag, DIAG_ERROR, where,
			"lines end in CR alone: save the file with the line ends of Unix (LF)");
		return true;
	}
	lexer_init(&lexer, input->text, input->len);
	if (!next_text(&lexer, &first))
		return false;
	where.line = first.number;
	if (is_xinetd(&lexer, &first))
		diag_add(diag, DIAG_ERROR, where,
			"this is a file of xinetd: 'inetctl import' makes an INI file of it");
	else if (ini && is_systemd(&first))
		diag_add(diag, DIAG_ERROR, where,
			"this is a unit of systemd: 'inetctl import' makes an INI file of it");
	else if (!ini && is_section(&first))
		diag_add(diag, DIAG_ERROR, where,
			"'%.*s' is a section of an INI file: give the file a name that ends in "
			".ini",
			(int)first.len, first.text);
	else
		return false;
	return true;
}
