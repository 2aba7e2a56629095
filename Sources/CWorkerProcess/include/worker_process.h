#ifndef WORKER_PROCESS_H
#define WORKER_PROCESS_H

#include <stddef.h>
#include <stdint.h>

/// A resource limit of the child, as for setrlimit; soft and hard limit are the same.
struct wh_limit {
    int resource;
    uint64_t value;
};

/// How one child is started. Everything pointed to is only read during the call.
struct wh_spawn_request {
    /// The program; not searched for.
    const char *path;
    char *const *argv;
    char *const *envp;
    /// Where the child starts; NULL for the caller's directory.
    const char *directory;
    int stdin_fd;
    int stdout_fd;
    int stderr_fd;
    const struct wh_limit *limits;
    size_t limit_count;
    /// Not zero: the child stays in the caller's session and process group, and so keeps its terminal.
    int keeps_session;
    /// Written to /proc/self/oom_score_adj as it stands; NULL leaves it alone.
    const char *oom_score_adj;
    /// At least 16 KiB of memory that nothing else uses during the call: the child runs on it until it execs.
    void *stack;
    size_t stack_size;
};

/// What was being done when a start failed.
enum wh_stage {
    WH_STAGE_CLONE = 1,
    WH_STAGE_SESSION,
    WH_STAGE_DESCRIPTORS,
    WH_STAGE_DIRECTORY,
    WH_STAGE_LIMITS,
    WH_STAGE_EXEC,
};

struct wh_spawn_result {
    int pid;
    /// Close-on-exec; readable once the child has ended.
    int pidfd;
    /// 0, or the errno of the step that failed; then there is no child and no descriptor.
    int error;
    int stage;
};

/// Starts a child by a clone that shares memory and suspends the caller until the exec (never a copy of the caller's
/// image). The child leads a session and process group of its own (unless told otherwise), is killed when the calling *thread* ends, has the
/// descriptors 0, 1 and 2 only, default signal dispositions and an empty signal mask.
void wh_spawn(const struct wh_spawn_request *request, struct wh_spawn_result *result);

/// The three pipes of a child: index 0 stdin, 1 stdout, 2 stderr. All close-on-exec; the host's ends do not block.
struct wh_pipes {
    int child[3];
    int host[3];
};

/// 0, or an errno; then nothing is left open.
int wh_open_pipes(struct wh_pipes *pipes);

struct wh_exit {
    /// CLD_EXITED, CLD_KILLED or CLD_DUMPED.
    int code;
    /// The exit code or the signal.
    int status;
    int64_t user_microseconds;
    int64_t system_microseconds;
    int64_t peak_kilobytes;
};

/// Reaps the child behind the pidfd without waiting: 1 reaped, 0 still running, -1 with errno.
int wh_reap(int pidfd, struct wh_exit *exit);

/// The largest resident memory of the calling process so far. A child's peak starts from it, since the child begins in
/// the caller's memory.
int64_t wh_own_peak_kilobytes(void);

/// Sends the signal to the process group that `pid` leads; 0 or an errno. The caller has not reaped `pid` yet.
int wh_signal_group(int pid, int signal);

/// A close-on-exec descriptor of a process that is no child, or -1 with errno.
int wh_pidfd_open(int pid);

/// Whether the calling thread may be used to run what it resumes; see InlineExecutor.
void wh_offer_thread(int offered);

/// Returns whether the calling thread is offered, and takes the offer back.
int wh_take_offered_thread(void);
/// Sends SIGKILL to the process behind the descriptor; 0 or an errno.
int wh_pidfd_kill(int pidfd);

/// Sends the signal to the process group that the process behind the descriptor leads or led, whoever has its pid by
/// now; 0 or an errno (EINVAL on kernels before 6.9).
int wh_pidfd_signal_group(int pidfd, int signal);

/// Whether the process behind the descriptor has ended.
int wh_pidfd_has_ended(int pidfd);

/// A pair of connected sockets that keep the bounds of messages, close-on-exec; 0 or an errno.
int wh_message_sockets(int ends[2]);

/// A close-on-exec pipe; 0 or an errno.
int wh_pipe(int ends[2]);

/// Sends one message, and with it descriptors (at most 3); 0 or an errno.
int wh_send_message(int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count);

/// How long sends and receives on the socket wait, in milliseconds (0: for ever); 0 or an errno.
int wh_set_socket_timeout(int socket, int64_t milliseconds);

/// The room for messages that were not read yet, in bytes, as the kernel rounds it; 0 or an errno.
int wh_set_send_buffer(int socket, int bytes);

/// Now in the kernel's ticks since boot, in which it also tells when a process started.
uint64_t wh_boot_ticks(void);

/// A close-on-exec, non-blocking event descriptor, or -1 with errno.
int wh_event_open(void);
/// Makes the event descriptor readable.
void wh_event_signal(int fd);
/// Makes it unreadable again.
void wh_event_clear(int fd);

/// Starts a detached thread with a stack of its own size; 0 or an errno.
int wh_start_thread(void *(*body)(void *), void *argument, size_t stack_size);

/// Blocks every signal but the synchronous faults in the calling thread, SIGPIPE among them.
void wh_block_signals(void);

/// Names the calling thread for debuggers; longer names are cut.
void wh_name_thread(const char *name);

/// Stores a byte after everything stored before it.
void wh_store_flag(void *address, uint8_t value);

/// The processor cores that the calling process may use; at least 1.
int wh_core_count(void);

#endif
