#ifndef WORKER_PROCESS_H
#define WORKER_PROCESS_H

/// The processor cores that the calling process may use; at least 1.
int wh_core_count(void);

#endif
