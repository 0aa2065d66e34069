/* log_files: lines for the log files of services (the key log_to). One process (log_writer.h) opens
 * and writes them, which may have to wait for a file system; the daemon never does. It is started
 * with the first line, again where it has ended, and goes when there has been none for a while.
 * Lines that it cannot take are for the daemon's log. */
#ifndef RUN_LOG_FILES_H
#define RUN_LOG_FILES_H

/* From now on log_event_to() has files. */
void log_files_open(void);

/* No more; what was taken is written by the process, which ends with it. */
void log_files_close(void);

#endif
