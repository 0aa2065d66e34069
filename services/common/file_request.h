/* file_request: what an HTTP server of files has to know besides HTTP itself: which part of a file
 * is asked for, whether the caller has it already, and what type it is of. Pure. */
#ifndef SERVICES_COMMON_FILE_REQUEST_H
#define SERVICES_COMMON_FILE_REQUEST_H

#include <stdint.h>
#include <sys/stat.h>

#include "common/http.h"

#define FILE_TAG_SIZE 64

#define FILE_PARTS     16  /* of a file, in one answer */
#define FILE_PART_HEAD 256 /* bytes of the text between two parts, with its NUL */

/* What to send of a file. */
struct file_part {
	off_t first, len; /* bytes */
};

struct file_parts {
	size_t count; /* more than one: a head before each and a text after the last */
	struct file_part list[FILE_PARTS];
	off_t size; /* of the file */
	const char *type;
	char boundary[25];
};

/* What identifies this content: changes with the file. RFC 9110, 8.8.3. */
void file_tag(char tag[FILE_TAG_SIZE], const struct stat *file);

/* How a request for a file that is there is to be answered, by Range, If-Range, If-Match,
 * If-Unmodified-Since, If-None-Match and If-Modified-Since: 200 and the whole, 206 and one or more
 * parts, 304, 412 or 416 and nothing (no parts). A Range that is malformed, or has more than
 * FILE_PARTS parts or more bytes than the file, is ignored, as a server may. RFC 9110, 13, 14. */
int file_request(
	const struct http_request *request, const struct stat *file, struct file_parts *parts);

/* Makes the head of that answer; the type follows from `path`. What is to be sent after it is in
 * *parts: for HEAD, none. */
void file_answer(struct http_answer *answer, const struct http_request *request, const char *path,
	const struct stat *file, struct file_parts *parts);

/* The text that stands before part `i` of several, or after the last (i == count), into `text`.
 * Returns its length. multipart/byteranges: RFC 9110, 14.6. */
size_t file_part_head(const struct file_parts *parts, size_t i, char text[static FILE_PART_HEAD]);

/* The status for a file that could not be opened, by the errno of open(2) or openat2(2): 403, 404,
 * 500 or 503. A path that would lead out of the root does not lead anywhere: 404. */
int file_refusal(int error);

/* The media type for a path, by its ending. */
const char *file_type(const char *path);

#endif
