// The lower limit for a oneshot host: posix_spawn, three pipes, one JSON line in, both outputs read to their ends,
// wait. No deadline, no limits, no queue, no parsing. Prints one JSON line.
//
//     bare_oneshot TASKS AT_ONCE PROGRAM [JSON-LINE]

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *program;
static const char *line = "{\"id\":\"task-1\",\"type\":\"Bench.Trivial\",\"params\":{},\"metadata\":{\"attempt\":1}}\n";
static size_t line_length;

static void die(const char *what, int error) {
    fprintf(stderr, "bare_oneshot: %s: %s\n", what, strerror(error));
    exit(1);
}

static void open_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) die("pipe2", errno);
}

// Reads both outputs until both have ended; returns how many bytes came from standard output.
static size_t read_to_end(int out, int err) {
    char buffer[65536];
    size_t total = 0;
    struct pollfd polls[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    while (polls[0].fd >= 0 || polls[1].fd >= 0) {
        if (poll(polls, 2, -1) < 0) {
            if (errno == EINTR) continue;
            die("poll", errno);
        }
        for (int i = 0; i < 2; i++) {
            if (polls[i].fd < 0 || polls[i].revents == 0) continue;
            ssize_t count = read(polls[i].fd, buffer, sizeof buffer);
            if (count > 0) {
                if (i == 0) total += (size_t)count;
            } else if (count == 0 || errno != EINTR) {
                polls[i].fd = -1;
            }
        }
    }
    return total;
}

static void run_one(void) {
    int in[2], out[2], err[2];
    open_pipe(in);
    open_pipe(out);
    open_pipe(err);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    char *const arguments[] = {(char *)program, NULL};
    char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
    pid_t pid;
    int error = posix_spawn(&pid, program, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) die(program, error);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    // The line is smaller than a pipe's buffer, so this never waits for the child.
    if (write(in[1], line, line_length) != (ssize_t)line_length) die("write", errno);
    close(in[1]);
    size_t count = read_to_end(out[0], err[0]);
    close(out[0]);
    close(err[0]);
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) die("waitpid", errno);
    }
    if (count == 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "bare_oneshot: %s answered %zu bytes and ended with status %d\n", program, count, status);
        exit(1);
    }
}

static void *run_share(void *share) {
    for (long i = 0; i < *(long *)share; i++) run_one();
    return NULL;
}

static double processor_seconds(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    long tasks = argc > 3 ? strtol(argv[1], NULL, 10) : 0;
    long at_once = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
    if (tasks < 1 || at_once < 1 || at_once > 256 || at_once > tasks) {
        fprintf(stderr, "usage: bare_oneshot TASKS AT_ONCE PROGRAM [JSON-LINE]   (AT_ONCE 1 to 256)\n");
        return 2;
    }
    program = argv[3];
    if (argc > 4) line = argv[4];
    line_length = strlen(line);
    if (line_length > 65536) {
        fprintf(stderr, "bare_oneshot: the JSON line is longer than a pipe holds (65536 bytes)\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);

    pthread_t threads[256];
    long shares[256];
    double start = now();
    for (long i = 0; i < at_once; i++) {
        shares[i] = tasks / at_once + (i < tasks % at_once ? 1 : 0);
        int error = pthread_create(&threads[i], NULL, run_share, &shares[i]);
        if (error != 0) die("pthread_create", error);
    }
    for (long i = 0; i < at_once; i++) pthread_join(threads[i], NULL);
    double wall = now() - start;
    double own = processor_seconds(RUSAGE_SELF);
    double children = processor_seconds(RUSAGE_CHILDREN);
    printf("{\"program\":\"bare_oneshot\",\"tasks\":%ld,\"at_once\":%ld,\"wall_seconds\":%.4f,"
           "\"microseconds_per_task\":%.1f,\"processor_microseconds_per_task\":%.1f,"
           "\"own_processor_microseconds_per_task\":%.1f,\"child_processor_microseconds_per_task\":%.1f}\n",
           tasks, at_once, wall, wall * 1e6 / (double)tasks, (own + children) * 1e6 / (double)tasks,
           own * 1e6 / (double)tasks, children * 1e6 / (double)tasks);
    return 0;
}
