/* banned.h: functions that do not compile here, each with the one to use instead.
 * Included by the compiler's command line in every file. */
#ifndef BANNED_H
#define BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(func) sorry_##func##_is_a_banned_function

#undef strcpy
#define strcpy(x, y) BANNED(strcpy) /* strlcpy */
#undef strcat
#define strcat(x, y) BANNED(strcat) /* strlcat */
#undef strncpy
#define strncpy(x, y, n) BANNED(strncpy) /* strlcpy */
#undef strncat
#define strncat(x, y, n) BANNED(strncat) /* strlcat */
#undef sprintf
#define sprintf(...) BANNED(sprintf) /* snprintf */
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf) /* vsnprintf */
#undef strtok
#define strtok(x, y) BANNED(strtok) /* strsep */
#undef atoi
#define atoi(x) BANNED(atoi) /* strtonum */
#undef atol
#define atol(x) BANNED(atol) /* strtonum */
#undef gmtime
#define gmtime(t) BANNED(gmtime) /* gmtime_r */
#undef localtime
#define localtime(t) BANNED(localtime) /* localtime_r */
#undef ctime
#define ctime(t) BANNED(ctime) /* strftime */
#undef system
#define system(x) BANNED(system) /* fork and exec */
#undef popen
#define popen(x, y) BANNED(popen) /* fork and exec */

#endif
