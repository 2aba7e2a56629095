// A worker that misbehaves on demand: faultchild BEHAVIOUR [ARGUMENT...]. Used by the tests of the process layer.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

extern char **environ;

static char *input;
static size_t input_length;

static void read_input(void) {
    size_t capacity = 1 << 16;
    input = malloc(capacity + 1);
    ssize_t count;
    while ((count = read(0, input + input_length, capacity - input_length)) > 0) {
        input_length += (size_t)count;
        if (input_length == capacity) input = realloc(input, (capacity *= 2) + 1);
    }
    input[input_length] = 0;
}

static void reply(const char *result) {
    printf("{\"success\":true,\"result\":%s}\n", result);
    fflush(stdout);
}

static void reply_failure(const char *retry) {
    printf("{\"success\":false,\"error\":{\"type\":\"ValueError\",\"message\":\"no good\",\"traceback\":\"line 1\"%s%s}}\n",
           retry ? ",\"retry_possible\":" : "", retry ? retry : "");
    fflush(stdout);
}

static void sleep_for_ever(void) {
    for (;;) pause();
}

static void flood(int fd, long long bytes, int lines) {
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    if (lines) {
        for (size_t i = 99; i < sizeof block; i += 100) block[i] = '\n';
    }
    while (bytes > 0) {
        size_t want = bytes < (long long)sizeof block ? (size_t)bytes : sizeof block;
        ssize_t count = write(fd, block, want);
        if (count < 0) exit(9);
        bytes -= count;
    }
}

static void on_term_reply(int signal) {
    (void)signal;
    const char text[] = "{\"success\":true,\"result\":{\"finished\":\"after SIGTERM\"}}\n";
    if (write(1, text, sizeof text - 1) < 0) _exit(9);
    _exit(0);
}

// Once, as long as the file does not exist: ends its host with SIGKILL so many microseconds after this process has
// ended. What does it has left the group, and the environment by which the host would find it.
static void kill_host_later(const char *file, unsigned microseconds) {
    int fd = open(file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) return;
    close(fd);
    pid_t host = getppid(), worker = getpid();
    if (fork() != 0) return;
    setsid();
    prctl(PR_SET_NAME, "killer");
    close(0);
    close(1);
    close(2);
    while (getppid() == worker) usleep(20);
    usleep(microseconds);
    kill(host, SIGKILL);
    _exit(0);
}

static void kill_host_now(const char *file) {
    int fd = open(file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) return;
    kill(getppid(), SIGKILL);
    pause();
}

// Adds a line to a file, in one write.
static void note(const char *file) {
    int fd = open(file, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "ran\n", 4) != 4) exit(9);
    close(fd);
}

// Everything a test wants to know about the process it was started as.
static void describe(void) {
    char directory[4096];
    if (!getcwd(directory, sizeof directory)) strcpy(directory, "?");
    int death_signal = 0;
    prctl(PR_GET_PDEATHSIG, &death_signal);
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    int blocked = 0, ignored = 0;
    for (int signal = 1; signal < 32; signal++) {
        struct sigaction action;
        if (sigismember(&mask, signal) == 1) blocked++;
        if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN) ignored++;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    printf("{\"success\":true,\"result\":{\"cwd\":\"%s\",\"pid\":%d,\"pgid\":%d,\"sid\":%d,\"ppid\":%d,", directory,
           getpid(), getpgid(0), getsid(0), getppid());
    printf("\"deathSignal\":%d,\"blocked\":%d,\"ignored\":%d,\"fileLimit\":%lld,", death_signal,
           blocked, ignored, (long long)files.rlim_cur);
    printf("\"descriptors\":[");
    DIR *stream = opendir("/proc/self/fd");
    const char *comma = "";
    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd == dirfd(stream)) continue;
        printf("%s%d", comma, fd);
        comma = ",";
    }
    printf("],\"environment\":[");
    comma = "";
    for (char **variable = environ; *variable; variable++) {
        printf("%s\"%.*s\"", comma, (int)strcspn(*variable, "="), *variable);
        comma = ",";
    }
    printf("]}}\n");
}

static void start_grandchild(int escape, int quiet, const char *pid_file) {
    pid_t pid = fork();
    if (pid != 0) {
        // Wait until the grandchild has said where it is, so that a test can look for it.
        while (pid_file && access(pid_file, F_OK) != 0) usleep(1000);
        return;
    }
    if (escape) {
        setsid();
        if (fork() != 0) _exit(0);
    }
    if (quiet) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
    }
    if (pid_file) {
        char temporary[4200];
        snprintf(temporary, sizeof temporary, "%s.new", pid_file);
        FILE *file = fopen(temporary, "w");
        if (file) {
            fprintf(file, "%d", getpid());
            fclose(file);
            rename(temporary, pid_file);
        }
    }
    sleep_for_ever();
}

static int is(const char *behaviour, const char *name) { return strcmp(behaviour, name) == 0; }

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "ok";
    const char *argument = argc > 2 ? argv[2] : "";
    const char *second = argc > 3 ? argv[3] : "";
    if (is(what, "never-reads")) sleep_for_ever();
    if (is(what, "kills-host")) {
        // The moment (or microseconds after the end), and a file that is there once it was done.
        note("runs");
        if (is(argument, "before-input")) kill_host_now(second);
        read_input();
        if (is(argument, "before-reply")) kill_host_now(second);
        if (argument[0] >= '0' && argument[0] <= '9') kill_host_later(second, (unsigned)atoi(argument));
        reply("{\"ok\":true}");
        if (is(argument, "after-reply")) kill_host_now(second);
        return 0;
    }
    if (is(what, "closes-stdin")) {
        close(0);
        reply("{\"ok\":true}");
        return 0;
    }
    if (is(what, "reads-a-byte")) {
        char byte;
        if (read(0, &byte, 1) != 1) return 9;
        reply("{\"ok\":true}");
        return 0;
    }
    read_input();
    if (is(what, "ok")) reply("{\"ok\":true}");
    else if (is(what, "echo")) printf("{\"success\":true,\"result\":%.*s}\n", (int)(input_length - 1), input);
    else if (is(what, "length")) printf("{\"success\":true,\"result\":{\"bytes\":%zu}}\n", input_length);
    else if (is(what, "describe")) describe();
    else if (is(what, "raw")) {
        // The argument is the output, byte for byte; the second one the exit code.
        fwrite(argument, 1, strlen(argument), stdout);
        return atoi(second);
    } else if (is(what, "exit")) {
        if (is(second, "success")) reply("{\"ok\":true}");
        if (is(second, "failure")) reply_failure(NULL);
        if (is(second, "final")) reply_failure("false");
        if (is(second, "again")) reply_failure("true");
        fprintf(stderr, "about to exit with %s\n", argument);
        return atoi(argument);
    } else if (is(what, "signal")) {
        if (is(second, "success")) reply("{\"ok\":true}");
        signal(atoi(argument), SIG_DFL);
        raise(atoi(argument));
        sleep_for_ever();
    } else if (is(what, "invalid-utf8")) {
        printf("{\"success\":true,\"result\":{\"text\":\"\xff\xfe\"}}\n");
    } else if (is(what, "flood-stdout")) {
        flood(1, atoll(argument), 0);
        reply("{\"ok\":true}");
    } else if (is(what, "flood-stderr")) {
        flood(2, atoll(argument), is(second, "lines"));
        reply("{\"ok\":true}");
    } else if (is(what, "writes-for-ever")) {
        flood(1, 1LL << 60, 0);
    } else if (is(what, "prints")) {
        printf("a banner\n%s\n", argument);
        reply("{\"ok\":true}");
        printf("goodbye");
    } else if (is(what, "two-replies")) {
        reply("{\"n\":1}");
        reply("{\"n\":2}");
    } else if (is(what, "half")) {
        printf("{\"success\":true,\"result\":{\"a\":");
    } else if (is(what, "pretty")) {
        printf("a banner\n{\n  \"success\": true,\n  \"result\": {\"ok\": true}\n}\n");
    } else if (is(what, "sleeps")) {
        usleep((useconds_t)atoi(argument) * 1000);
        reply("{\"ok\":true}");
    } else if (is(what, "hangs")) {
        if (is(argument, "success")) reply("{\"ok\":true}");
        sleep_for_ever();
    } else if (is(what, "spins")) {
        for (volatile unsigned long long i = 0;; i++) {}
    } else if (is(what, "closes-stdout")) {
        close(1);
        close(2);
        sleep_for_ever();
    } else if (is(what, "ignores-term")) {
        signal(SIGTERM, SIG_IGN);
        sleep_for_ever();
    } else if (is(what, "replies-on-term")) {
        signal(SIGTERM, on_term_reply);
        // Tells that the handler is in place.
        if (argc > 2) {
            int fd = open(argument, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
            if (fd >= 0) close(fd);
        }
        sleep_for_ever();
    } else if (is(what, "grandchild")) {
        // holds the pipes, in the group
        start_grandchild(0, 0, argc > 2 ? argument : NULL);
        reply("{\"ok\":true}");
    } else if (is(what, "quiet-grandchild")) {
        start_grandchild(0, 1, argc > 2 ? argument : NULL);
        reply("{\"ok\":true}");
    } else if (is(what, "daemon")) {
        start_grandchild(1, 1, argc > 2 ? argument : NULL);
        reply("{\"ok\":true}");
    } else if (is(what, "loud-daemon")) {
        start_grandchild(1, 0, argc > 2 ? argument : NULL);
        reply("{\"ok\":true}");
    } else {
        fprintf(stderr, "faultchild: unknown behaviour %s\n", what);
        return 64;
    }
    return 0;
}
