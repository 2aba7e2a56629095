// The bare limit of a warm worker: a parent that starts worker processes, keeps a fixed number of JSON lines in flight
// to each, and counts the replies. No queue, no deadline, no parsing beyond the line end.
//
// bare_pipeline TASKS WORKERS IN_FLIGHT PROGRAM [ARGUMENT…]
//
// Prints a JSON object: tasks_per_second, processor_microseconds (of this process, per task), and with one in flight
// p50_microseconds and p99_microseconds of a task.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { MOST_WORKERS = 256, BUFFER = 1 << 16, LONGEST_LINE = 512 };

struct worker {
    pid_t pid;
    int in, out;
    int open;
    double given_at;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double processor_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void start(struct worker *worker, char **arguments) {
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0) fail("pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    errno = posix_spawnp(&worker->pid, arguments[0], &actions, NULL, arguments, environ);
    if (errno) fail(arguments[0]);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    worker->in = in[1];
    worker->out = out[0];
    worker->open = 0;
}

static char buffer[BUFFER];

// Reads what is there; returns how many lines ended in it.
static int read_lines(struct worker *worker) {
    ssize_t count = read(worker->out, buffer, sizeof buffer);
    if (count <= 0) {
        fprintf(stderr, "bare_pipeline: a worker has ended\n");
        exit(1);
    }
    int lines = 0;
    for (char *at = buffer; (at = memchr(at, '\n', (size_t)(buffer + count - at))); at++) lines++;
    return lines;
}

static void give(struct worker *worker, int count, long *next) {
    static char lines[MOST_WORKERS * LONGEST_LINE];
    size_t length = 0;
    for (int index = 0; index < count; index++) {
        length += (size_t)snprintf(
            lines + length, LONGEST_LINE,
            "{\"id\":\"%ld\",\"type\":\"T\",\"params\":{\"number\":%ld,\"name\":\"item %ld\"},\"metadata\":{\"attempt\":1,"
            "\"priority\":0,\"created_at\":\"2026-01-01T12:00:00.000000Z\"}}\n",
            *next, *next, *next);
        (*next)++;
    }
    worker->open += count;
    worker->given_at = now();
    for (size_t written = 0; written < length;) {
        ssize_t done = write(worker->in, lines + written, length - written);
        if (done < 0 && errno != EINTR) fail("write");
        if (done > 0) written += (size_t)done;
    }
}

static int by_size(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: bare_pipeline TASKS WORKERS IN_FLIGHT PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    long tasks = atol(argv[1]);
    int workers = atoi(argv[2]), in_flight = atoi(argv[3]);
    if (tasks < 1 || workers < 1 || workers > MOST_WORKERS || in_flight < 1 || in_flight > MOST_WORKERS) return 2;
    signal(SIGPIPE, SIG_IGN);
    static struct worker all[MOST_WORKERS];
    static struct pollfd polls[MOST_WORKERS];
    double *latencies = in_flight == 1 && workers == 1 ? calloc((size_t)tasks, sizeof(double)) : NULL;
    for (int index = 0; index < workers; index++) {
        start(&all[index], argv + 4);
        polls[index] = (struct pollfd){all[index].out, POLLIN, 0};
    }
    // Each says that it is ready.
    for (int index = 0; index < workers; index++) read_lines(&all[index]);

    double began = now(), used = processor_seconds();
    long next = 0, done = 0;
    for (int index = 0; index < workers; index++) {
        long rest = tasks - next;
        if (rest > 0) give(&all[index], rest < in_flight ? (int)rest : in_flight, &next);
    }
    while (done < tasks) {
        // A lone worker is simply read from: the least that a parent can do.
        if (workers > 1 && poll(polls, (nfds_t)workers, -1) < 0) fail("poll");
        for (int index = 0; index < workers; index++) {
            if (workers > 1 && !polls[index].revents) continue;
            int lines = read_lines(&all[index]);
            if (latencies) latencies[done] = now() - all[index].given_at;
            all[index].open -= lines;
            done += lines;
            long rest = tasks - next;
            int room = in_flight - all[index].open;
            if (rest > 0 && room > 0) give(&all[index], rest < room ? (int)rest : room, &next);
        }
    }
    double elapsed = now() - began, processor = processor_seconds() - used;
    for (int index = 0; index < workers; index++) {
        close(all[index].in);
        waitpid(all[index].pid, NULL, 0);
    }
    printf("{\"tasks_per_second\":%.1f,\"processor_microseconds\":%.3f", (double)tasks / elapsed,
           processor / (double)tasks * 1e6);
    if (latencies) {
        qsort(latencies, (size_t)tasks, sizeof(double), by_size);
        printf(",\"p50_microseconds\":%.2f,\"p99_microseconds\":%.2f", latencies[tasks / 2] * 1e6,
               latencies[tasks * 99 / 100] * 1e6);
    }
    printf("}\n");
    return 0;
}
