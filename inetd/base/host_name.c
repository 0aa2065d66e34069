/* host_name: see host_name.h. */
#include "base/host_name.h"

#include <string.h>

#define LABEL_MOST  63
#define LABEL_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

bool host_name_valid(const char *text)
{
	const char *label = text + (*text == '.');
	size_t len = 0;

	if (strlen(text) >= HOST_NAME_TEXT)
		return false;
	for (;;) {
		len = strspn(label, LABEL_CHARS);
		if (!len || len > LABEL_MOST || *label == '-')
			return false;
		if (!label[len])
			return strspn(label, "0123456789") < len;
		if (label[len] != '.')
			return false;
		label += len + 1;
	}
}

bool host_name_in(char *const *list, const char *name)
{
	size_t len = strlen(name);

	for (; list && *list; list++) {
		size_t tail = strlen(*list);

		if (**list == '.' ? len > tail && !strcasecmp(name + len - tail, *list)
				  : !strcasecmp(name, *list))
			return true;
	}
	return false;
}
