/* sendfile: a directory on the web: a server of static files over HTTP/1.1 (RFC 9110, 9112) for one
 * connection of `nowait`. GET and HEAD, ranges, conditional requests, several requests on a
 * connection. Started as an ordinary user it shows what that user may read, and nothing outside of
 * its directory.
 *
 * Shown here: openat2(2), by which the kernel itself keeps every path, with its `..` and symbolic
 * links, below a directory (common/below.h, which does without on older kernels); head and body in
 * full segments by TCP_CORK; a body that never enters the program, by sendfile(2); and a limit to
 * all waiting and to the whole, so that no peer keeps the process. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "common/below.h"
#include "common/file_request.h"
#include "common/http.h"
#include "common/io.h"
#include "common/options.h"

#define CORKED     (64 << 10) /* bytes of a body that are sent with the cork on */
#define AT_ONCE    (1 << 30)  /* bytes of one sendfile(2) */
#define HANG_UP_MS 2000

static const struct options_known known = {
	.usage = "sendfile [-i index] [-n requests] [-t seconds] [-T seconds] directory",
	.letters = "i:n:t:T:",
	.least = 1,
	.most = 1};

static struct http_conn conn = {.fd = STDIN_FILENO};
static int root;

/* Ends whatever is under way with the peer, also one that takes its answer very slowly. */
static void time_is_up(int sig)
{
	(void)sig;
	shutdown(STDIN_FILENO, SHUT_RDWR);
}

static void cork(int on)
{
	setsockopt(conn.fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

/* What sendfile(2) would do, where the file system does not know it or a filter refuses it. */
static ssize_t copy_bytes(int fd, off_t *at, size_t len)
{
	static char buf[64 << 10];
	ssize_t got = pread(fd, buf, len < sizeof(buf) ? len : sizeof(buf), *at);

	if (got > 0 && io_write_all(conn.fd, buf, (size_t)got) < 0)
		return -1;
	*at += got > 0 ? got : 0;
	return got;
}

/* Sends `len` bytes by sendfile(2), which waits no longer than SO_SNDTIMEO for a peer that does not
 * read. -1: not all of it went; a file that has become shorter keeps no promise either. */
static int send_bytes(int fd, off_t *at, off_t len)
{
	while (len > 0) {
		ssize_t sent = sendfile(conn.fd, fd, at, len < AT_ONCE ? (size_t)len : AT_ONCE);

		if (sent < 0 && (errno == EINVAL || errno == ENOSYS || errno == EPERM))
			sent = copy_bytes(fd, at, (size_t)len);
		if (sent == 0 || (sent < 0 && errno != EINTR))
			return -1;
		len -= sent > 0 ? sent : 0;
	}
	return 0;
}

/* Several parts, with the texts between them. */
static int send_parts(int fd, struct file_parts *parts)
{
	char text[FILE_PART_HEAD];
	size_t len;

	for (size_t i = 0; i < parts->count; i++) {
		len = file_part_head(parts, i, text);
		if (io_write_all(conn.fd, text, len) < 0 ||
			send_bytes(fd, &parts->list[i].first, parts->list[i].len) < 0)
			return -1;
	}
	len = file_part_head(parts, parts->count, text);
	return io_write_all(conn.fd, text, len);
}

/* The cork holds the head until there is body to fill its segment. It comes out then: a long body
 * fills segments by itself, and is sent at half the speed with the cork on. */
static int send_file(
	const struct http_request *request, const char *path, int fd, const struct stat *file)
{
	struct http_answer answer;
	struct file_parts parts;
	struct file_part *part = &parts.list[0];
	off_t first = 0;
	int failed;

	file_answer(&answer, request, path, file, &parts);
	cork(1);
	failed = io_write_all(conn.fd, answer.text, answer.len);
	if (!failed && parts.count > 1)
		failed = send_parts(fd, &parts);
	else if (!failed && parts.count) {
		first = part->len < CORKED ? part->len : CORKED;
		failed = send_bytes(fd, &part->first, first);
	}
	cork(0);
	if (failed || parts.count != 1)
		return failed;
	return send_bytes(fd, &part->first, part->len - first);
}

/* Answers one request. -1: the connection is of no use any more. */
static int answer_request(const struct http_request *request, const char *index_name)
{
	char path[HTTP_LINE_MAX + NAME_MAX + 1];
	struct stat file = {0};
	int fd, result;

	strlcpy(path, request->path, sizeof(path));
	fd = below_open(root, path, &file);
	if (fd >= 0 && S_ISDIR(file.st_mode)) {
		close(fd);
		if (path[strlen(path) - 1] != '/')
			return http_answer_slash(&conn, request);
		strlcat(path, index_name, sizeof(path));
		fd = below_open(root, path, &file);
	}
	if (fd < 0)
		return http_answer_status(&conn, request, file_refusal(errno));
	if (S_ISREG(file.st_mode))
		result = send_file(request, path, fd, &file);
	else
		result = http_answer_status(&conn, request, 403);
	close(fd);
	return result;
}

/* Requests until the peer, or we, have had enough. */
static void converse(const char *index_name, int requests, uint64_t end)
{
	static struct http_request request;
	int status;

	while ((status = http_read(&conn, &request)) == 200) {
		request.keep_alive &= --requests > 0 && monotonic_ms() < end;
		if (answer_request(&request, index_name) < 0 || !request.keep_alive)
			return;
	}
	if (status != 0)
		http_answer_status(&conn, NULL, status);
}

int main(int argc, char *argv[])
{
	const char *index_name = "index.html";
	int opt, requests = 100, limit = 15, most = 3600;
	struct timeval wait;

	while ((opt = options_next(&known, argc, argv)) != -1) {
		if (opt == 'i' && strlen(optarg) > NAME_MAX)
			options_wrong_value(&known, "is too long for a name");
		else if (opt == 'i')
			index_name = optarg;
		else if (opt == 'n')
			requests = options_number(&known, 1, INT_MAX);
		else if (opt == 't')
			limit = options_number(&known, 1, 86400);
		else
			most = options_number(&known, 1, 86400);
	}
	root = open(argv[optind], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		err(1, "%s", argv[optind]);
	conn.limit_ms = io_limit_ms = limit * 1000;
	wait = (struct timeval){.tv_sec = limit};
	setsockopt(conn.fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	signal(SIGPIPE, SIG_IGN); /* sendfile(2) has no MSG_NOSIGNAL */
	signal(SIGALRM, time_is_up);
	alarm((unsigned)(most + limit));
	converse(index_name, requests, monotonic_ms() + (uint64_t)most * 1000);
	io_hang_up(conn.fd, HANG_UP_MS);
	return 0;
}
