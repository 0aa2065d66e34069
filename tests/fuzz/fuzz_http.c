/* fuzz_http: any bytes as what a client of HTTP sends: heads are found where they are wherever the
 * bytes are cut, what comes of a request is within it, and a part of a file is within the file. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/file_request.h"
#include "common/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const char *head, size_t len, const struct http_request *request)
{
	const char *end = head + len;

	assert(request->path >= head && request->path < end && *request->path == '/');
	assert(!request->query || (request->query > head && request->query < end));
	assert(request->field_count <= HTTP_FIELDS_MAX);
	for (size_t i = 0; i < request->field_count; i++) {
		const char *name = request->fields[i].name, *value = request->fields[i].value;

		assert(name > head && *name && name + strlen(name) < value);
		assert(value + strlen(value) < end && !strpbrk(value, "\r\n"));
	}
}

static void look_file(const struct http_request *request, off_t size)
{
	const struct stat file = {.st_mode = S_IFREG, .st_size = size, .st_mtim = {784111777, 0}};
	struct http_answer answer;
	struct file_parts parts;
	int status = file_request(request, &file, &parts);

	for (size_t i = 0; i < parts.count; i++) {
		const struct file_part *part = &parts.list[i];

		assert(part->first >= 0 && part->len >= 0 && part->first + part->len <= size);
		assert(status == 206 ? part->len > 0 : part->len == size);
	}
	assert(parts.count <= FILE_PARTS && (parts.count > 0) == (status == 200 || status == 206));
	assert(parts.count <= 1 || status == 206);
	file_answer(&answer, request, request->path, &file, &parts);
	assert(answer.len > 4 && memcmp(answer.text + answer.len - 4, "\r\n\r\n", 4) == 0);
	assert(http_head_end(answer.text, answer.len) == answer.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_request request;
	size_t len = http_head_end((const char *)data, size);
	char *head;
	int status;

	if (len == 0 || len > HTTP_HEAD_MAX)
		return 0;
	for (size_t cut = 0; cut < len; cut += 1 + len / 64)
		assert(http_head_end((const char *)data, cut) == 0);
	head = malloc(len);
	assert(head);
	memcpy(head, data, len);
	status = http_parse(head, len, &request);
	assert(status == 200 || status == 400 || status == 405 || status == 431 || status == 501 ||
		status == 505);
	if (status == 200) {
		look(head, len, &request);
		look_file(&request, 0);
		look_file(&request, 1000);
	}
	free(head);
	return 0;
}
