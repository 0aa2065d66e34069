/* file_request: what an HTTP server of files has to know besides HTTP itself: which part of a file
 * is asked for, whether the caller has it already, and what type it is of. Pure. */
#ifndef SERVICES_COMMON_FILE_REQUEST_H
#define SERVICES_COMMON_FILE_REQUEST_H

#include <stdint.h>
#include <sys/stat.h>

#include "common/http.h"

#define FILE_TAG_SIZE 64

/* The part of a file to send. */
struct file_part {
	off_t first, len; /* bytes */
};

/* What identifies this content: changes with the file. RFC 9110, 8.8.3. */
void file_tag(char tag[FILE_TAG_SIZE], const struct stat *file);

/* How a request for a file that is there is to be answered, by Range, If-Range, If-Match,
 * If-Unmodified-Since, If-None-Match and If-Modified-Since: 200 and the whole, 206 and a part, 304,
 * 412 or 416 and nothing (a part of length 0). A Range that is malformed or has several parts is
 * ignored, as a server may. RFC 9110, 13, 14. */
int file_request(
	const struct http_request *request, const struct stat *file, struct file_part *part);

/* Makes the head of that answer; `path` says the type. What is to follow it is in `part`, of length
 * 0 for HEAD. */
void file_answer(struct http_answer *answer, const struct http_request *request, const char *path,
	const struct stat *file, struct file_part *part);

/* The status for a file that could not be opened, by the errno of open(2) or openat2(2): 403, 404,
 * 500 or 503. A path that would lead out of the root does not lead anywhere: 404. */
int file_refusal(int error);

/* The media type for a path, by its ending. */
const char *file_type(const char *path);

#endif
