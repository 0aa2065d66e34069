/* file_request: see file_request.h. */
#include "common/file_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void file_tag(char tag[FILE_TAG_SIZE], const struct stat *file)
{
	snprintf(tag, FILE_TAG_SIZE, "\"%llx-%llx-%lx\"", (unsigned long long)file->st_ino,
		(unsigned long long)file->st_mtim.tv_sec, (unsigned long)file->st_mtim.tv_nsec);
}

/* Digits at *text, which is moved past them. -1 without any, and INT64_MAX for what is more. */
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

/* One range at *text, which is moved past it: "FIRST-LAST", "FIRST-", "-LENGTH". 206; 416 for one
 * that begins after the end, or asks for the last 0 bytes; 200 for what is none. */
static int parse_range(const char **text, off_t size, struct file_part *part)
{
	int64_t first = number(text), last;

	if (*(*text)++ != '-')
		return 200;
	last = number(text);
	if ((first < 0 && last < 0) || (first >= 0 && last >= 0 && last < first))
		return 200;
	if (first < 0) {
		first = last < size ? size - last : 0;
		last = last == 0 ? -1 : size - 1;
	} else if (last < 0 || last >= size) {
		last = size - 1;
	}
	*part = (struct file_part){first, last - first + 1};
	return first > last ? 416 : 206;
}

/* "bytes=" and ranges with commas between them. Those that the file does not have are left out. */
static int parse_ranges(const char *text, struct file_parts *parts)
{
	struct file_part list[FILE_PARTS], part;
	off_t all = 0;
	size_t count = 0;

	if (strncasecmp(text, "bytes=", 6) != 0)
		return 200;
	text += 6;
	for (;;) {
		int status = parse_range(&text, parts->size, &part);

		if (status == 200 || (status == 206 && count == FILE_PARTS))
			return 200;
		if (status == 206) {
			list[count++] = part;
			all += part.len;
		}
		text += strspn(text, " \t");
		if (!*text)
			break;
		if (*text != ',')
			return 200;
		text += 1 + strspn(text + 1, " \t");
	}
	if (all > parts->size)
		return 200;
	memcpy(parts->list, list, count * sizeof(list[0]));
	parts->count = count;
	return count ? 206 : 416;
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
	const struct http_request *request, const struct stat *file, struct file_parts *parts)
{
	const char *range = http_field(request, "Range");
	int status = 200;

	*parts = (struct file_parts){
		.count = 1, .list = {{0, file->st_size}}, .size = file->st_size};
	if (!is_as_wanted(request, file))
		status = 412;
	else if (is_known(request, file))
		status = 304;
	else if (range && !request->head_only && is_same(request, file))
		status = parse_ranges(range, parts);
	if (status != 200 && status != 206)
		parts->count = 0;
	return status;
}

size_t file_part_head(const struct file_parts *parts, size_t i, char text[static FILE_PART_HEAD])
{
	const struct file_part *part = &parts->list[i];

	if (i == parts->count)
		return (size_t)snprintf(text, FILE_PART_HEAD, "\r\n--%s--\r\n", parts->boundary);
	return (size_t)snprintf(text, FILE_PART_HEAD,
		"\r\n--%s\r\nContent-Type: %s\r\nContent-Range: bytes %lld-%lld/%lld\r\n\r\n",
		parts->boundary, parts->type, (long long)part->first,
		(long long)(part->first + part->len - 1), (long long)parts->size);
}

/* A boundary that cannot have been put into the file on purpose. */
static void choose_boundary(struct file_parts *parts)
{
	snprintf(parts->boundary, sizeof(parts->boundary), "%08x%08x%08x", arc4random(),
		arc4random(), arc4random());
}

/* Bytes of the body: the parts, and where there are several what stands between them. */
static long long body_length(const struct file_parts *parts)
{
	char text[FILE_PART_HEAD];
	long long all = 0;

	for (size_t i = 0; i < parts->count; i++)
		all += (long long)parts->list[i].len;
	for (size_t i = 0; parts->count > 1 && i <= parts->count; i++)
		all += (long long)file_part_head(parts, i, text);
	return all;
}

/* What a 200 and a 206 say of the content. */
static void describe(
	struct http_answer *answer, int status, const struct stat *file, struct file_parts *parts)
{
	const struct file_part *part = &parts->list[0];
	char date[HTTP_DATE_SIZE];

	http_date(date, file->st_mtim.tv_sec);
	http_answer_field(answer, "Last-Modified: %s", date);
	http_answer_field(answer, "Accept-Ranges: bytes");
	http_answer_field(answer, "X-Content-Type-Options: nosniff");
	if (parts->count > 1) {
		choose_boundary(parts);
		http_answer_field(
			answer, "Content-Type: multipart/byteranges; boundary=%s", parts->boundary);
		return;
	}
	http_answer_field(answer, "Content-Type: %s", parts->type);
	if (status == 206)
		http_answer_field(answer, "Content-Range: bytes %lld-%lld/%lld",
			(long long)part->first, (long long)(part->first + part->len - 1),
			(long long)parts->size);
}

/* A 304 has the entity tag only: it is there to save bytes (RFC 9110, 15.4.5). */
void file_answer(struct http_answer *answer, const struct http_request *request, const char *path,
	const struct stat *file, struct file_parts *parts)
{
	int status = file_request(request, file, parts);
	char tag[FILE_TAG_SIZE];

	parts->type = file_type(path);
	file_tag(tag, file);
	http_answer_begin(answer, status);
	if (status == 200 || status == 206)
		describe(answer, status, file, parts);
	if (status == 416)
		http_answer_field(answer, "Content-Range: bytes */%lld", (long long)parts->size);
	else if (status != 412)
		http_answer_field(answer, "ETag: %s", tag);
	if (status != 304)
		http_answer_field(answer, "Content-Length: %lld", body_length(parts));
	http_answer_end(answer, request->keep_alive);
	if (request->head_only)
		parts->count = 0;
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
