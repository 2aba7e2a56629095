#ifndef WORKERHOST_CSQLITESETUP_H
#define WORKERHOST_CSQLITESETUP_H

/// SQLite counts no memory from now on; before anything else of SQLite is used. Variadic functions cannot be called from
/// Swift.
/// Returns SQLite's result code.
int whs_count_no_memory(void);

#endif
