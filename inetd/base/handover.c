/* handover: see handover.h. */
#include "base/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/patience.h"
#include "base/writer.h"

#define FIRST_TYPE "inetd-state"

/* What is being written: the descriptors that it names. */
static struct {
	int *fds; /* owned */
	size_t count, room;
	bool failed; /* there was no memory for one */
} put;

/* Lines of one type that follow each other. */
struct run {
	const char *first, *end;
};

/* What was read. */
static struct {
	char *text; /* owned */
	size_t len;
	struct run *runs; /* owned */
	size_t count;
} got;

/* --- writing --- */

FILE *handover_begin(void)
{
	int fd = memfd_create("inetd-state", MFD_CLOEXEC);
	FILE *out = fd < 0 ? NULL : fdopen(fd_raise(fd), "w+");

	if (!out)
		return NULL;
	put.count = 0;
	put.failed = false;
	record_begin(out, FIRST_TYPE);
	record_number(out, "version", HANDOVER_VERSION);
	record_text(out, "release", INETD_VERSION);
	record_end(out);
	return out;
}

void handover_put_fd(FILE *out, const char *name, int fd)
{
	if (fd < 0)
		return;
	if (put.count == put.room) {
		size_t room = put.room ? 2 * put.room : 64;
		int *fds = reallocarray(put.fds, room, sizeof(*fds));

		if (!fds) {
			put.failed = true;
			return;
		}
		put.fds = fds;
		put.room = room;
	}
	put.fds[put.count++] = fd;
	record_number(out, name, (uint64_t)fd);
}

void handover_put_bytes(FILE *out, const char *name, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;

	struct writer writer;

	writer_begin(&writer, out);
	writer_format(&writer, "\t%s=", name);
	for (; len; len--, byte++) {
		writer_char(&writer, digits[*byte >> 4]);
		writer_char(&writer, digits[*byte & 15]);
	}
	writer_end(&writer);
}

void handover_put_address(FILE *out, const char *name, const struct sockaddr_len *addr)
{
	if (addr->len)
		handover_put_bytes(out, name, &addr->addr, addr->len);
}

int handover_end(FILE *out)
{
	int fd = -1, err = put.failed ? ENOMEM : 0;

	if (!err && fflush(out) != 0)
		err = errno;
	else if (!err && ferror(out)) /* a part is missing, whatever could be written after it */
		err = EIO;
	if (!err)
		fd = fd_raise(fcntl(fileno(out), F_DUPFD_CLOEXEC, FD_LOW));
	if (fd >= 0 && lseek(fd, 0, SEEK_SET) < 0)
		err = errno;
	if (!err && fd < 0)
		err = errno;
	fclose(out);
	if (err)
		fd_close(&fd);
	errno = err;
	return fd;
}

int handover_pass(int state, bool pass)
{
	int result = fcntl(state, F_SETFD, pass ? 0 : FD_CLOEXEC);

	for (size_t i = 0; i < put.count; i++)
		if (fcntl(put.fds[i], F_SETFD, pass ? 0 : FD_CLOEXEC) < 0)
			result = -1;
	if (pass)
		return result;
	free(put.fds);
	put.fds = NULL;
	put.count = put.room = 0;
	return result;
}

/* --- reading --- */

static char *read_whole(int fd, size_t size)
{
	char *text;
	size_t len = 0;

	do
		text = malloc(size + 1);
	while (!text && patience_insists());
	while (text && len < size) {
		ssize_t more = pread(fd, text + len, size - len, (off_t)len);

		if (more > 0) {
			len += (size_t)more;
		} else if (!more || !patience_insists()) {
			free(text);
			return NULL;
		}
	}
	if (text)
		text[size] = 0;
	return text;
}

/* A copy of the line at `at`, in a buffer of its own, taken apart. False if it is no record, or
 * without memory. */
static bool take_line(const char *at, struct record *record)
{
	static char *buffer;
	static size_t room;
	size_t len = (size_t)(strchrnul(at, '\n') - at);

	while (len >= room) {
		char *larger = realloc(buffer, 2 * len + 1);

		if (larger) {
			buffer = larger;
			room = 2 * len + 1;
		} else if (!patience_insists()) {
			return false;
		}
	}
	memcpy(buffer, at, len);
	buffer[len] = 0;
	return record_parse(buffer, record);
}

/* NULL if it is one that this program understands. */
static const char *check_version(void)
{
	static char why[96];
	struct record record;
	uint64_t version;

	if (!take_line(got.text, &record) || strcmp(record.type, FIRST_TYPE) != 0)
		return "it is no state of inetd";
	version = record_get_number(&record, "version");
	if (version == HANDOVER_VERSION)
		return NULL;
	snprintf(why, sizeof(why), "its version is %llu, and only %d is known",
		(unsigned long long)version, HANDOVER_VERSION);
	return why;
}

/* Where the line after this one begins. */
static const char *next_line(const char *at)
{
	at = strchrnul(at, '\n');
	return at + (*at == '\n');
}

static size_t type_len(const char *line)
{
	return strcspn(line, "\t\n");
}

static bool is_of_type(const char *line, const char *type, size_t len)
{
	return !strncmp(line, type, len) && (line[len] == '\t' || line[len] == '\n');
}

static bool find_runs(void)
{
	size_t room = 0;

	for (const char *at = got.text; *at; at = got.runs[got.count++].end) {
		size_t len = type_len(at);
		const char *end = next_line(at);

		while (got.count == room) {
			size_t more = room ? 2 * room : 256;
			struct run *runs = reallocarray(got.runs, more, sizeof(*runs));

			if (runs) {
				got.runs = runs;
				room = more;
			} else if (!patience_insists()) {
				return false;
			}
		}
		while (*end && is_of_type(end, at, len))
			end = next_line(end);
		got.runs[got.count] = (struct run){at, end};
	}
	return true;
}

const char *handover_read(int fd)
{
	struct stat st;
	const char *why;
	bool failed;

	handover_forget();
	while ((failed = fstat(fd, &st) < 0) && patience_insists())
		;
	if (failed || !(got.text = read_whole(fd, (size_t)st.st_size)))
		return "it cannot be read";
	got.len = (size_t)st.st_size;
	why = strlen(got.text) != got.len ? "it is no text" : check_version();
	if (!why && !find_runs())
		why = "there is not enough memory";
	if (why)
		handover_forget();
	return why;
}

const char *handover_check(void)
{
	struct record record;

	for (const char *at = got.text; at && *at; at = next_line(at))
		if (!take_line(at, &record))
			return "it has a line that is no record";
	return NULL;
}

void handover_each(const char *type, void (*each)(const struct record *record))
{
	size_t len = strlen(type);
	struct record record;

	for (size_t i = 0; i < got.count; i++) {
		if (!is_of_type(got.runs[i].first, type, len))
			continue;
		for (const char *at = got.runs[i].first; at < got.runs[i].end; at = next_line(at))
			if (take_line(at, &record))
				each(&record);
	}
}

/* Of one that may be closed. */
static int patient_fcntl(int fd, int command, int flags)
{
	int result;

	do
		result = fcntl(fd, command, flags);
	while (result < 0 && errno != EBADF && patience_lasts());
	return result;
}

int handover_take_fd(const struct record *record, const char *name)
{
	const char *text = record_get(record, name), *error = NULL;
	int fd = text ? (int)strtonum(text, STDERR_FILENO + 1, INT32_MAX, &error) : -1;
	int flags = text && !error ? patient_fcntl(fd, F_GETFD, 0) : -1;

	/* What is close-on-exec already was opened, or taken, by ourselves. */
	if (flags < 0 || (flags & FD_CLOEXEC) || patient_fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return fd;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t handover_get_bytes(const struct record *record, const char *name, void *bytes, size_t size)
{
	const char *text = record_get(record, name);
	unsigned char *byte = bytes;
	size_t len = text ? strlen(text) / 2 : 0;

	if (len > size)
		return 0;
	for (size_t i = 0; i < len; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return 0;
		byte[i] = (unsigned char)(high << 4 | low);
	}
	return len;
}

bool handover_get_address(const struct record *record, const char *name, struct sockaddr_len *addr)
{
	*addr = (struct sockaddr_len){0};
	addr->len = (socklen_t)handover_get_bytes(record, name, &addr->addr, sizeof(addr->addr));
	return addr->len > 0;
}

void handover_forget(void)
{
	free(got.text);
	free(got.runs);
	got.text = NULL;
	got.runs = NULL;
	got.len = got.count = 0;
}
