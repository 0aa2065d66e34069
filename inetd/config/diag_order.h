/* diag_order: checking finds mistakes after reading has found others; people want them in the order
 * of the text. Private to config_load.c. */
#ifndef CONFIG_DIAG_ORDER_H
#define CONFIG_DIAG_ORDER_H

#include "config/load.h"

/* Sorts the diagnostics of a load by file, in the order of opening, and line; leaves one of those
 * that are equal; marks the files that have errors. Sets load->no_memory where memory ran out. */
void diag_order(struct load *load);

#endif
