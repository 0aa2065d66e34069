/* html: writing HTML: every text from elsewhere goes through html_text(), whatever it holds;
 * numbers and times as people read them. */
#ifndef SERVICES_PAGE_HTML_H
#define SERVICES_PAGE_HTML_H

#include <stdint.h>
#include <stdio.h>

/* A text, as the content of an element or of an attribute in double or single quotes. Not for
 * scripts, styles or addresses. HTML, 13.1.2; the characters that could end any of these places. */
void html_text(FILE *out, const char *text);

/* html_text() in a <bdi>, so that characters of another direction turn nothing outside of it. */
void html_name(FILE *out, const char *text);

/* 1234567 as 1 234 567, with narrow spaces that do not break. */
void html_number(FILE *out, uint64_t number);

/* Seconds as the two largest units: "3 d 4 h", "12 s". */
void html_duration(FILE *out, uint64_t seconds);

/* Kibibytes in a unit that fits: "800 KiB", "1.5 MiB". */
void html_memory(FILE *out, uint64_t kib);

/* A <time> of local time: the time, with its date unless that is today. */
void html_time(FILE *out, int64_t at, int64_t now);

#endif
