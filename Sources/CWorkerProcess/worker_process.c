#define _GNU_SOURCE
#include "worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP 4
#endif

// The child runs in the caller's memory: it may use nothing but system calls, and no sanitizer may look at it.
#if defined(__clang__) || defined(__GNUC__)
#define IN_CHILD __attribute__((no_sanitize("thread", "address"), noinline))
#else
#define IN_CHILD
#endif

// The thread sanitizer takes every clone() for a fork and gives up on threads after it. glibc has the same function
// under a second name, which it does not watch.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
int __clone(int (*body)(void *), void *stack, int flags, void *argument, ...);
#define clone __clone
#endif
#endif

struct child_context {
    const struct wh_spawn_request *request;
    pid_t parent;
    volatile int error;
    volatile int stage;
};

IN_CHILD static int child_failed(struct child_context *context, int stage) {
    context->error = errno;
    context->stage = stage;
    syscall(SYS_exit_group, 127);
    return 127;
}

IN_CHILD static void reset_signals(void) {
    // The kernel's struct sigaction is at most 32 bytes with its 8-byte mask; all zero means SIG_DFL.
    unsigned long zeros[4] = {0, 0, 0, 0};
    // Only those with a meaning: nobody sends a real-time signal to a pid that nobody knows yet.
    for (int signal = 1; signal < 32; signal++) {
        if (signal == SIGKILL || signal == SIGSTOP) continue;
        syscall(SYS_rt_sigaction, signal, zeros, NULL, 8);
    }
    unsigned long empty = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &empty, NULL, 8);
}

// Puts the three descriptors at 0, 1 and 2. One of them that lies there already is moved away first, so that none is
// overwritten before it is copied.
IN_CHILD static int place_descriptors(const struct wh_spawn_request *request) {
    int from[3] = {request->stdin_fd, request->stdout_fd, request->stderr_fd};
    for (int target = 0; target < 3; target++) {
        if (from[target] > 2) continue;
        from[target] = (int)syscall(SYS_fcntl, from[target], F_DUPFD_CLOEXEC, 3);
        if (from[target] < 0) return -1;
    }
    for (int target = 0; target < 3; target++) {
        if (syscall(SYS_dup3, from[target], target, 0) < 0) return -1;
    }
    // Kernels before 5.9 lack it; the host opens everything close-on-exec, so nothing leaks without it either.
    syscall(SYS_close_range, 3U, ~0U, 0U);
    return 0;
}

IN_CHILD static int set_limits(const struct wh_spawn_request *request) {
    for (size_t index = 0; index < request->limit_count; index++) {
        struct rlimit64 limit = {request->limits[index].value, request->limits[index].value};
        if (syscall(SYS_prlimit64, 0, request->limits[index].resource, &limit, NULL) < 0) return -1;
    }
    if (request->oom_score_adj) {
        // Not worth failing a task for: the score only says whom the kernel prefers when memory is short.
        int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
        if (fd >= 0) {
            syscall(SYS_write, fd, request->oom_score_adj, strlen(request->oom_score_adj));
            syscall(SYS_close, fd);
        }
    }
    return 0;
}

IN_CHILD static int child_main(void *argument) {
    struct child_context *context = argument;
    const struct wh_spawn_request *request = context->request;
    if (syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return child_failed(context, WH_STAGE_SESSION);
    // The parent may have died before the death signal was set: then nobody would ever end this child.
    if (syscall(SYS_getppid) != context->parent) syscall(SYS_exit_group, 127);
    if (!request->keeps_session && syscall(SYS_setsid) < 0) return child_failed(context, WH_STAGE_SESSION);
    if (set_limits(request) < 0) return child_failed(context, WH_STAGE_LIMITS);
    if (place_descriptors(request) < 0) return child_failed(context, WH_STAGE_DESCRIPTORS);
    if (request->directory && syscall(SYS_chdir, request->directory) < 0) {
        return child_failed(context, WH_STAGE_DIRECTORY);
    }
    reset_signals();
    syscall(SYS_execve, request->path, request->argv, request->envp);
    return child_failed(context, WH_STAGE_EXEC);
}

void wh_spawn(const struct wh_spawn_request *request, struct wh_spawn_result *result) {
    struct child_context context = {request, getpid(), 0, 0};
    sigset_t all, before;
    sigfillset(&all);
    // No handler of the host may run in the child while it shares the host's memory.
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int pidfd = -1;
    char *top = (char *)(((uintptr_t)request->stack + request->stack_size) & ~(uintptr_t)63);
    int pid = clone(
        child_main, top, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &context, &pidfd, NULL, NULL);
    int clone_error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    *result = (struct wh_spawn_result){.pid = pid, .pidfd = pidfd, .error = 0, .stage = 0};
    if (pid < 0) {
        *result = (struct wh_spawn_result){.pid = -1, .pidfd = -1, .error = clone_error, .stage = WH_STAGE_CLONE};
    } else if (context.error) {
        siginfo_t info;
        while (syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED, NULL) < 0 && errno == EINTR) {}
        close(pidfd);
        *result = (struct wh_spawn_result){.pid = -1, .pidfd = -1, .error = context.error, .stage = context.stage};
    }
}

// Libraries of the host end the whole process when they find no descriptor (libdispatch does, for its timers), so the
// last ones are not taken for workers. The kernel hands out the lowest free number.
enum { RESERVED_DESCRIPTORS = 16 };

static int is_reserved(int fd) {
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)fd + RESERVED_DESCRIPTORS >= limit.rlim_cur;
}

static void close_pipes(struct wh_pipes *pipes, int count) {
    while (count-- > 0) {
        close(pipes->child[count]);
        close(pipes->host[count]);
    }
}

int wh_open_pipes(struct wh_pipes *pipes) {
    int highest = 0;
    for (int index = 0; index < 3; index++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0) {
            int error = errno;
            close_pipes(pipes, index);
            return error;
        }
        if (ends[0] > highest) highest = ends[0];
        if (ends[1] > highest) highest = ends[1];
        int host_end = index == 0 ? 1 : 0;
        pipes->host[index] = ends[host_end];
        pipes->child[index] = ends[1 - host_end];
        // The two ends are separate open files: the child's end keeps blocking.
        fcntl(ends[host_end], F_SETFL, O_NONBLOCK);
    }
    if (!is_reserved(highest)) return 0;
    close_pipes(pipes, 3);
    return EMFILE;
}

int wh_reap(int pidfd, struct wh_exit *exit) {
    siginfo_t info;
    struct rusage usage;
    info.si_pid = 0;
    long outcome;
    do {
        outcome = syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | WNOHANG, &usage);
    } while (outcome < 0 && errno == EINTR);
    if (outcome < 0) return -1;
    if (info.si_pid == 0) return 0;
    exit->code = info.si_code;
    exit->status = info.si_status;
    exit->user_microseconds = (int64_t)usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec;
    exit->system_microseconds = (int64_t)usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
    exit->peak_kilobytes = usage.ru_maxrss;
    return 1;
}

int64_t wh_own_peak_kilobytes(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

int wh_signal_group(int pid, int signal) {
    if (pid <= 1) return EINVAL;
    return kill(-pid, signal) == 0 ? 0 : errno;
}

int wh_event_open(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0 || !is_reserved(fd)) return fd;
    close(fd);
    errno = EMFILE;
    return -1;
}

void wh_event_signal(int fd) {
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {}
}

void wh_event_clear(int fd) {
    uint64_t count;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {}
}

int wh_start_thread(void *(*body)(void *), void *argument, size_t stack_size) {
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error) return error;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    error = pthread_attr_setstacksize(&attributes, stack_size);
    pthread_t thread;
    if (!error) error = pthread_create(&thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return error;
}

void wh_block_signals(void) {
    sigset_t set;
    sigfillset(&set);
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
    for (size_t index = 0; index < sizeof faults / sizeof faults[0]; index++) sigdelset(&set, faults[index]);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
}

void wh_name_thread(const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(pthread_self(), cut);
}

int wh_core_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

void wh_store_flag(void *address, uint8_t value) {
    __atomic_store_n((uint8_t *)address, value, __ATOMIC_RELEASE);
}

int wh_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int wh_pidfd_kill(int pidfd) {
    return syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0 ? 0 : errno;
}

int wh_pidfd_signal_group(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, PIDFD_SIGNAL_PROCESS_GROUP) == 0 ? 0 : errno;
}

int wh_pidfd_has_ended(int pidfd) {
    struct pollfd poller = {.fd = pidfd, .events = POLLIN};
    return poll(&poller, 1, 0) > 0;
}

static int refuse_reserved(int ends[2]) {
    if (!is_reserved(ends[0]) && !is_reserved(ends[1])) return 0;
    close(ends[0]);
    close(ends[1]);
    return EMFILE;
}

int wh_message_sockets(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return errno;
    return refuse_reserved(ends);
}

int wh_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) return errno;
    return refuse_reserved(ends);
}

int wh_send_message(int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(3 * sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor_count > 0 && descriptor_count <= 3) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(descriptor_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(descriptor_count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, descriptor_count * sizeof(int));
    }
    while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) return errno;
    }
    return 0;
}

int wh_set_socket_timeout(int socket, int64_t milliseconds) {
    struct timeval time = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    if (setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) < 0) return errno;
    return setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time) < 0 ? errno : 0;
}

int wh_set_send_buffer(int socket, int bytes) {
    return setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) < 0 ? errno : 0;
}

uint64_t wh_boot_ticks(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_BOOTTIME, &now) < 0) return 0;
    uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
    return (uint64_t)now.tv_sec * per_second + (uint64_t)now.tv_nsec * per_second / 1000000000;
}

static _Thread_local int offered_thread;

void wh_offer_thread(int offered) { offered_thread = offered; }

int wh_take_offered_thread(void) {
    int offered = offered_thread;
    offered_thread = 0;
    return offered;
}
