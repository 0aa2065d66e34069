/* load: the state of one reading, from the first file to the finished generation. Private to
 * config/: the parsers add drafts, check makes services of them. */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "config/check/lookup.h"
#include "config/conf.h"
#include "config/keys/draft_pack.h"

#define INCLUDE_DEPTH 32
#define FILES_MAX     20000      /* in one load; ends files that include each other twice */
#define FILE_BYTES    (64 << 20) /* of one file */

/* One file while it is read; on the stack of its reader. */
struct input {
	struct load *load;
	struct source_file *source;
	const char *text; /* not NUL-terminated */
	size_t len;
	const struct dialect *dialect; /* of the lines that follow */
	const char *bind;     /* default address of the lines that follow; NULL: that of -a */
	unsigned bind_line;   /* where it was set; 0: in a file that includes this one */
	struct input *parent; /* who includes it */
	unsigned depth;
	dev_t dev;
	ino_t ino;
};

struct load {
	struct config *config;
	const struct conf_options *options;
	struct arena scratch;            /* freed when the load is over */
	struct arena entries;            /* of entries and sections, until they are checked */
	struct arena work;               /* of the entry that is read or checked now */
	struct diag *diag;               /* of the config */
	struct draft_pack_list drafts;   /* entries */
	struct draft_pack_list sections; /* of INI files; merge makes entries of some */
	struct draft *presets;           /* what holds where nothing is set: the rows say it, and
					    the command line */
	struct draft *blank;             /* an entry in which nothing is set */
	struct draft_base base;          /* of the entries that are kept */
	struct draft *draft;             /* the entry at hand: that is read or checked */
	struct draft_pack_list *list;    /* that it is read for; NULL: it is kept already */
	struct draft *defaults, *daemon; /* what [defaults] and [inetd] set */
	bool has_defaults;               /* [defaults] sets anything */
	struct lookup lookup;
	struct map shared;            /* load_share() */
	struct source_file **sources; /* everything opened so far; malloc'ed */
	size_t source_count, source_room;
	size_t service_room;
	unsigned guesses;                  /* what a wrong name may mean */
	bool too_many;                     /* more than FILES_MAX files */
	bool no_memory;                    /* sticky: the load fails */
	void (*read)(struct input *input); /* the text of one file (syntax.h) */
	/* Reads the files of an .include; NULL: they are not read (tests, fuzzing). */
	void (*include)(struct input *input, const char *pattern, struct where where);
};

/* Starts with an empty configuration. Returns 0, or -1 with errno ENOMEM. */
int load_begin(struct load *load, const struct conf_options *options);

/* A source file that is part of the configuration from now on; `path` is copied. NULL without
 * memory. */
struct source_file *load_source(
	struct load *load, const char *path, const struct source_file *parent);

/* A new entry of this file, to be filled in until the next one is asked for. NULL without memory.
 */
struct draft *load_draft(struct input *input, unsigned line);

/* The same for a section of an INI file. */
struct draft *load_section(struct input *input, unsigned line);

/* Keeps the entry that was read last. */
void load_keep(struct load *load);

/* Makes an entry of a list the one at hand, and keeps what it has become. */
struct draft *load_take(struct load *load, const struct draft_pack *pack);
void load_put(struct load *load, struct draft_pack *pack, const struct draft *draft);

/* Notes that memory ran out if `piece` is NULL. Returns it. */
void *load_memory(struct load *load, const void *piece);

/* A copy of the value that lives as long as the configuration; of equal bytes always the same. NULL
 * without memory. */
void *load_share(struct load *load, const void *value, size_t bytes);

/* The same of a text. */
char *load_text(struct load *load, const char *text);

/* The dialect that a file begins with: that of who includes it, else of the command line. */
const struct dialect *load_dialect(const struct load *load, const struct input *parent);

/* Frees an arena in slices. */
void load_free(struct load *load, struct arena *arena);

/* Lets others have a turn where this takes long. */
static inline void load_breathe(struct load *load)
{
	if (load->options->breathe && !load->options->breathe())
		load->no_memory = true;
}

static inline struct where input_where(const struct input *input, unsigned line)
{
	return (struct where){input->source->path, line};
}

#endif
