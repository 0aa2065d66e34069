/* file_request: see file_request.h. */
#include "common/file_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void file_tag(char tag[FILE_TAG_SIZE], const struct stat *file)
{
	snprintf(tag, FILE_TAG_SIZE, "\"%llx-%llx-%lx\"", (unsigned long long)file->st_ino,
		(unsigned long long)file->st_mtim.tv_sec, (unsigned long)file->st_mtim.tv_nsec);
}

/* Digits at *text, which moves behind them. -1 without any, and INT64_MAX for what is more. */
static int64_t number(const char **text)
{
	int64_t value = 0;

	if (**text < '0' || **text > '9')
		return -1;
	for (; **text >= '0' && **text <= '9'; ++*text)
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, **text - '0', &value))
			value = INT64_MAX /
				10; /* overflows again at the next digit, or is enough */
	return value;
}

/* "bytes=FIRST-LAST", "bytes=FIRST-", "bytes=-LENGTH". 200 for what is none of these. */
static int parse_range(const char *text, off_t size, struct file_part *part)
{
	int64_t first, last;

	if (strncasecmp(text, "bytes=", 6) != 0)
		return 200;
	text += 6;
	first = number(&text);
	if (*text++ != '-')
		return 200;
	last = number(&text);
	if (*text || (first < 0 && last < 0) || (first >= 0 && last >= 0 && last < first))
		return 200;
	if (first < 0) {
		first = last < size ? size - last : 0;
		last = last == 0 ? -1 : size - 1;
	} else if (last < 0 || last >= size) {
		last = size - 1;
	}
	if (first > last) /* begins behind the end, or asks for the last 0 bytes */
		return 416;
	*part = (struct file_part){first, last - first + 1};
	return 206;
}

/* True if the list of entity tags has this one as a strong one. */
static bool has_strong(const char *tags, const char *tag)
{
	for (const char *at = tags; (at = strstr(at, tag)); at++)
		if (at == tags || at[-1] != '/')
			return true;
	return false;
}

/* True unless the caller wants the content only as it was, and it is another by now. */
static bool is_as_wanted(const struct http_request *request, const struct stat *file)
{
	const char *tags = http_field(request, "If-Match");
	const char *text = http_field(request, "If-Unmodified-Since");
	time_t date = text ? http_date_parse(text) : -1;
	char tag[FILE_TAG_SIZE];

	file_tag(tag, file);
	if (tags)
		return strcmp(tags, "*") == 0 || has_strong(tags, tag);
	return date == -1 || file->st_mtim.tv_sec <= date;
}

/* True if the caller has this content. An entity tag is asked before a date: it knows better. */
static int is_known(const struct http_request *request, const struct stat *file)
{
	const char *tags = http_field(request, "If-None-Match");
	const char *date = http_field(request, "If-Modified-Since");
	char tag[FILE_TAG_SIZE];

	file_tag(tag, file);
	if (tags)
		return strcmp(tags, "*") == 0 || strstr(tags, tag);
	return date && file->st_mtim.tv_sec <= http_date_parse(date);
}

/* True unless a range is wanted of another content than this. */
static int is_same(const struct http_request *request, const struct stat *file)
{
	const char *wanted = http_field(request, "If-Range");
	char tag[FILE_TAG_SIZE], date[HTTP_DATE_SIZE];

	file_tag(tag, file);
	http_date(date, file->st_mtim.tv_sec);
	return !wanted || strcmp(wanted, tag) == 0 || strcmp(wanted, date) == 0;
}

int file_request(
	const struct http_request *request, const struct stat *file, struct file_part *part)
{
	const char *range = http_field(request, "Range");
	int status = 200;

	*part = (struct file_part){0, file->st_size};
	if (!is_as_wanted(request, file))
		status = 412;
	else if (is_known(request, file))
		status = 304;
	else if (range && !request->head_only && is_same(request, file))
		status = parse_range(range, file->st_size, part);
	if (status != 200 && status != 206)
		part->len = 0;
	return status;
}

void file_answer(struct http_answer *answer, const struct http_request *request, const char *path,
	const struct stat *file, struct file_part *part)
{
	int status = file_request(request, file, part);
	char date[HTTP_DATE_SIZE], tag[FILE_TAG_SIZE];

	http_date(date, file->st_mtim.tv_sec);
	file_tag(tag, file);
	http_answer_begin(answer, status);
	if (status == 206)
		http_answer_field(answer, "Content-Range: bytes %lld-%lld/%lld",
			(long long)part->first, (long long)(part->first + part->len - 1),
			(long long)file->st_size);
	if (status == 416) {
		http_answer_field(answer, "Content-Range: bytes */%lld", (long long)file->st_size);
	} else if (status != 412) {
		http_answer_field(answer, "Last-Modified: %s", date);
		http_answer_field(answer, "ETag: %s", tag);
		http_answer_field(answer, "Accept-Ranges: bytes");
		http_answer_field(answer, "Content-Type: %s", file_type(path));
		http_answer_field(answer, "X-Content-Type-Options: nosniff");
	}
	if (status != 304)
		http_answer_field(answer, "Content-Length: %lld", (long long)part->len);
	http_answer_end(answer, request->keep_alive);
	if (request->head_only)
		part->len = 0;
}

int file_refusal(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ELOOP: /* a link that leads to itself */
	case EXDEV: /* out of the root */
		return 404;
	case EACCES:
	case EPERM:
	case ENXIO: /* a socket, a device that is not there */
		return 403;
	case EAGAIN: /* a directory on the way was moved just now */
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return 503;
	default:
		return 500;
	}
}

const char *file_type(const char *path)
{
	static const struct {
		const char *ending, *type;
	} rows[] = {{"html", "text/html; charset=utf-8"}, {"htm", "text/html; charset=utf-8"},
		{"txt", "text/plain; charset=utf-8"}, {"conf", "text/plain; charset=utf-8"},
		{"md", "text/markdown; charset=utf-8"}, {"css", "text/css; charset=utf-8"},
		{"js", "text/javascript; charset=utf-8"}, {"json", "application/json"},
		{"xml", "application/xml"}, {"csv", "text/csv; charset=utf-8"},
		{"svg", "image/svg+xml"}, {"png", "image/png"}, {"jpg", "image/jpeg"},
		{"jpeg", "image/jpeg"}, {"gif", "image/gif"}, {"webp", "image/webp"},
		{"ico", "image/vnd.microsoft.icon"}, {"pdf", "application/pdf"},
		{"mp3", "audio/mpeg"}, {"ogg", "audio/ogg"}, {"mp4", "video/mp4"},
		{"webm", "video/webm"}, {"woff2", "font/woff2"}, {"wasm", "application/wasm"},
		{"zip", "application/zip"}, {"gz", "application/gzip"},
		{"tar", "application/x-tar"}};
	const char *name = strrchr(path, '/'), *dot = strrchr(name ? name : path, '.');

	for (size_t i = 0; dot && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcasecmp(dot + 1, rows[i].ending) == 0)
			return rows[i].type;
	return "application/octet-stream";
}
