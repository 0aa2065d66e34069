/* sockaddr: see sockaddr.h. */
#include "base/sockaddr.h"

#include <arpa/inet.h>
#include <net/if.h>

#include "base/log.h"

static uint16_t port_of(const struct sockaddr *sa)
{
	switch (sa->sa_family) {
	case AF_INET:
		return ntohs(((const struct sockaddr_in *)(const void *)sa)->sin_port);
	case AF_INET6:
		return ntohs(((const struct sockaddr_in6 *)(const void *)sa)->sin6_port);
	default:
		return 0;
	}
}

uint16_t sockaddr_port(const union sockaddr_any *addr)
{
	return port_of(&addr->sa);
}

struct sockaddr_kept sockaddr_keep(const struct sockaddr_len *addr)
{
	struct sockaddr_kept kept = {0};

	if (addr->addr.sa.sa_family == AF_INET)
		kept.addr.in = addr->addr.in;
	else if (addr->addr.sa.sa_family == AF_INET6)
		kept.addr.in6 = addr->addr.in6;
	else if (addr->addr.sa.sa_family == AF_VSOCK)
		kept.addr.vm = addr->addr.vm;
	else
		kept = (struct sockaddr_kept){
			.addr.sa.sa_family = addr->addr.sa.sa_family, .local = addr};
	return kept;
}

struct sockaddr_len sockaddr_copy(const struct sockaddr_kept *kept)
{
	struct sockaddr_len addr = {.len = sizeof(addr.addr.in)};

	if (kept->local)
		return *kept->local;
	if (kept->addr.sa.sa_family == AF_INET6) {
		addr.len = sizeof(addr.addr.in6);
		addr.addr.in6 = kept->addr.in6;
	} else if (kept->addr.sa.sa_family == AF_VSOCK) {
		addr.len = sizeof(addr.addr.vm);
		addr.addr.vm = kept->addr.vm;
	} else {
		addr.addr.in = kept->addr.in;
	}
	return addr;
}

const struct sockaddr_len *sockaddr_whole(
	const struct sockaddr_kept *kept, struct sockaddr_len *room)
{
	if (kept->local)
		return kept->local;
	*room = sockaddr_copy(kept);
	return room;
}

uint16_t sockaddr_kept_port(const struct sockaddr_kept *kept)
{
	return port_of(&kept->addr.sa);
}

const char *sockaddr_kept_path(const struct sockaddr_kept *kept)
{
	return kept->local ? kept->local->addr.un.sun_path : NULL;
}

void sockaddr_set_port(union sockaddr_any *addr, uint16_t port)
{
	if (addr->sa.sa_family == AF_INET)
		addr->in.sin_port = htons(port);
	else if (addr->sa.sa_family == AF_INET6)
		addr->in6.sin6_port = htons(port);
}

void sockaddr_unmap(struct sockaddr_len *addr)
{
	struct sockaddr_in in = {.sin_family = AF_INET};

	if (addr->addr.sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&addr->addr.in6.sin6_addr))
		return;
	in.sin_port = addr->addr.in6.sin6_port;
	memcpy(&in.sin_addr, addr->addr.in6.sin6_addr.s6_addr + 12, 4);
	addr->addr.in = in;
	addr->len = sizeof(in);
}

void sockaddr_any_of(int family, uint16_t port, struct sockaddr_len *out)
{
	*out = (struct sockaddr_len){.addr.sa.sa_family = (sa_family_t)family};
	out->len = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	sockaddr_set_port(&out->addr, port);
}

bool sockaddr_parse_vsock(const char *text, struct sockaddr_len *out)
{
	struct sockaddr_vm vm = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY};
	const char *colon, *err = NULL;
	char cid[12];

	if (strncmp(text, "vsock:", 6) != 0 || !(colon = strchr(text + 6, ':')) ||
		colon[1 + strspn(colon + 1, "0123456789")] ||
		(size_t)(colon - text - 6) >= sizeof(cid))
		return false;
	strlcpy(cid, text + 6, (size_t)(colon - text - 5));
	if (*cid && strcmp(cid, "*") != 0)
		vm.svm_cid = (uint32_t)strtonum(cid, 0, VMADDR_CID_ANY - 1, &err);
	if (!err)
		vm.svm_port = (uint32_t)strtonum(colon + 1, 0, VMADDR_PORT_ANY - 1, &err);
	if (err || cid[strspn(cid, "0123456789*")])
		return false;
	if (!vm.svm_port)
		vm.svm_port = VMADDR_PORT_ANY;
	*out = (struct sockaddr_len){.addr.vm = vm, .len = sizeof(vm)};
	return true;
}

static bool parse_in6(char *text, struct sockaddr_in6 *in6)
{
	char *scope = strchr(text, '%');

	if (scope) {
		*scope++ = 0;
		in6->sin6_scope_id = if_nametoindex(scope);
		if (!in6->sin6_scope_id) {
			const char *err = NULL;

			in6->sin6_scope_id = (uint32_t)strtonum(scope, 1, UINT32_MAX, &err);
			if (err)
				return false;
		}
	}
	return inet_pton(AF_INET6, text, &in6->sin6_addr) == 1;
}

bool sockaddr_parse(const char *text, struct sockaddr_len *out)
{
	char copy[INET6_ADDRSTRLEN + IF_NAMESIZE + 2];
	size_t len = strlen(text);

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = 0;
	sockaddr_any_of(AF_INET, 0, out);
	if (inet_pton(AF_INET, copy, &out->addr.in.sin_addr) == 1)
		return true;
	sockaddr_any_of(AF_INET6, 0, out);
	return parse_in6(copy, &out->addr.in6);
}

static bool is_wildcard(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr ==
		       htonl(INADDR_ANY);
	if (sa->sa_family == AF_VSOCK)
		return ((const struct sockaddr_vm *)(const void *)sa)->svm_cid == VMADDR_CID_ANY;
	return sa->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr);
}

bool sockaddr_is_wildcard(const union sockaddr_any *addr)
{
	return is_wildcard(&addr->sa);
}

bool sockaddr_kept_is_wildcard(const struct sockaddr_kept *kept)
{
	return is_wildcard(&kept->addr.sa);
}

#define ORDER(a, b)                                                                                \
	do {                                                                                       \
		if ((a) != (b))                                                                    \
			return (a) < (b) ? -1 : 1;                                                 \
	} while (0)

static int vsock_compare(const struct sockaddr_vm *a, const struct sockaddr_vm *b)
{
	ORDER(a->svm_port, b->svm_port);
	ORDER(a->svm_cid, b->svm_cid);
	return 0;
}

/* Of two of the internet or of vsock. */
static int short_compare(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in6 *x = (const void *)a, *y = (const void *)b;
	int order;

	ORDER(a->sa_family, b->sa_family);
	if (a->sa_family == AF_VSOCK)
		return vsock_compare((const void *)a, (const void *)b);
	ORDER(port_of(a), port_of(b));
	if (a->sa_family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)(const void *)a)->sin_addr,
			&((const struct sockaddr_in *)(const void *)b)->sin_addr,
			sizeof(struct in_addr));
	order = memcmp(&x->sin6_addr, &y->sin6_addr, sizeof(x->sin6_addr));
	if (order)
		return order;
	ORDER(x->sin6_scope_id, y->sin6_scope_id);
	return 0;
}

int sockaddr_compare(const struct sockaddr_len *a, const struct sockaddr_len *b)
{
	const struct sockaddr *x = &a->addr.sa, *y = &b->addr.sa;

	ORDER(a->len, b->len);
	if (!a->len)
		return 0;
	ORDER(x->sa_family, y->sa_family);
	if (x->sa_family != AF_UNIX)
		return short_compare(x, y);
	return memcmp(x, y, a->len);
}

int sockaddr_kept_compare(const struct sockaddr_kept *a, const struct sockaddr_kept *b)
{
	struct sockaddr_len one, other;

	if (!a->local && !b->local)
		return short_compare(&a->addr.sa, &b->addr.sa);
	return sockaddr_compare(sockaddr_whole(a, &one), sockaddr_whole(b, &other));
}

static void unix_host(const struct sockaddr_len *addr, char *buf, size_t size)
{
	size_t room = sizeof(addr->addr.un.sun_path);
	size_t len = addr->len - offsetof(struct sockaddr_un, sun_path);
	const char *path = addr->addr.un.sun_path;

	if (len > room)
		len = room;
	if (path[0])
		snprintf(buf, size, "%.*s", (int)len, path);
	else
		snprintf(buf, size, "@%.*s", (int)len - 1, path + 1);
}

static char *put_byte(char *at, unsigned byte)
{
	if (byte >= 100)
		*at++ = (char)('0' + byte / 100);
	if (byte >= 10)
		*at++ = (char)('0' + byte / 10 % 10);
	*at++ = (char)('0' + byte % 10);
	return at;
}

/* As inet_ntop(3), without its printf: it is asked for at each start. */
static void inet_host(const struct in_addr *addr, char *buf, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)&addr->s_addr;
	char text[INET_ADDRSTRLEN], *at = text;

	for (int i = 0; i < 4; i++) {
		at = put_byte(at, bytes[i]);
		*at++ = i < 3 ? '.' : '\0';
	}
	strlcpy(buf, text, size);
}

char *sockaddr_host(const struct sockaddr_len *addr, char *buf, size_t size)
{
	const union sockaddr_any *any = &addr->addr;
	char scope[IF_NAMESIZE + 1] = "", name[IF_NAMESIZE], text[INET6_ADDRSTRLEN] = "?";

	if (addr->len <= sizeof(sa_family_t)) {
		snprintf(buf, size, "-");
		return buf;
	}
	switch (any->sa.sa_family) {
	case AF_INET:
		inet_host(&any->in.sin_addr, buf, size);
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &any->in6.sin6_addr, text, sizeof(text));
		if (any->in6.sin6_scope_id && if_indextoname(any->in6.sin6_scope_id, name))
			snprintf(scope, sizeof(scope), "%%%s", name);
		snprintf(buf, size, "%s%s", text, scope);
		break;
	case AF_UNIX:
		unix_host(addr, buf, size);
		break;
	case AF_VSOCK:
		if (any->vm.svm_cid == VMADDR_CID_ANY)
			snprintf(buf, size, "vsock:*");
		else
			snprintf(buf, size, "vsock:%u", any->vm.svm_cid);
		break;
	default:
		snprintf(buf, size, "family %d", any->sa.sa_family);
	}
	return log_mask(buf);
}

static bool is_unnamed_unix(const struct sockaddr_len *addr)
{
	return addr->len == sizeof(sa_family_t) && addr->addr.sa.sa_family == AF_UNIX;
}

void sockaddr_note_caller(struct sockaddr_len *peer, uid_t uid, pid_t pid)
{
	if (!is_unnamed_unix(peer))
		return;
	peer->addr.caller.noted = true;
	peer->addr.caller.uid = uid;
	peer->addr.caller.pid = pid;
}

char *sockaddr_text(const struct sockaddr_len *addr, char *buf, size_t size)
{
	char host[SOCKADDR_TEXT];

	sockaddr_host(addr, host, sizeof(host));
	if (addr->len && addr->addr.sa.sa_family == AF_INET)
		snprintf(buf, size, "%s:%u", host, sockaddr_port(&addr->addr));
	else if (addr->len && addr->addr.sa.sa_family == AF_INET6)
		snprintf(buf, size, "[%s]:%u", host, sockaddr_port(&addr->addr));
	else if (addr->len && addr->addr.sa.sa_family == AF_VSOCK)
		snprintf(buf, size, "%s:%u", host,
			addr->addr.vm.svm_port == VMADDR_PORT_ANY ? 0 : addr->addr.vm.svm_port);
	else if (is_unnamed_unix(addr) && addr->addr.caller.noted && addr->addr.caller.pid > 0)
		snprintf(buf, size, "uid:%u,pid:%d", (unsigned)addr->addr.caller.uid,
			(int)addr->addr.caller.pid);
	else if (is_unnamed_unix(addr) && addr->addr.caller.noted)
		snprintf(buf, size, "uid:%u", (unsigned)addr->addr.caller.uid);
	else
		strlcpy(buf, host, size);
	return buf;
}
