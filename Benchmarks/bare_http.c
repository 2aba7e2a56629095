/* The bare limit of a TaskManager's REST API: so many connections, each of which claims a task, completes it and claims
   the next one, on libcurl's multi interface. Nothing is run in between.

   bare_http URL TASK-TYPE-ID CONNECTIONS
   The key, if one is needed, comes from TASKMANAGER_API_KEY. Ends when no task is left; prints one line of JSON. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum step { CLAIM, COMPLETE, OVER };

struct lane {
    CURL *handle;
    enum step step;
    int number;
    long claims;
    char answer[4096];
    size_t length;
    char url[512];
    char body[256];
    char error[CURL_ERROR_SIZE];
};

static const char *base;
static const char *type;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "bare_http: %s: %s\n", what, why);
    exit(1);
}

static size_t keep(char *bytes, size_t size, size_t count, void *context) {
    struct lane *lane = context;
    size_t length = size * count;
    if (lane->length + length >= sizeof lane->answer) return 0;
    memcpy(lane->answer + lane->length, bytes, length);
    lane->length += length;
    lane->answer[lane->length] = 0;
    return length;
}

/* A new name for each claim, as a client needs that wants to be told apart from its own past. */
static void prepare(struct lane *lane, long task) {
    if (task < 0) {
        lane->step = CLAIM;
        lane->claims++;
        snprintf(lane->url, sizeof lane->url, "%s/tasks/claim", base);
        snprintf(lane->body, sizeof lane->body, "{\"worker_id\":\"bare-%d-%ld\",\"task_type_id\":%s}", lane->number,
                 lane->claims, type);
    } else {
        lane->step = COMPLETE;
        snprintf(lane->url, sizeof lane->url, "%s/tasks/%ld/complete", base, task);
        snprintf(lane->body, sizeof lane->body,
                 "{\"worker_id\":\"bare-%d-%ld\",\"success\":true,\"result\":{\"number\":%ld,\"name\":\"ITEM %ld\"}}",
                 lane->number, lane->claims, task, task);
    }
    lane->length = 0;
    lane->answer[0] = 0;
    curl_easy_setopt(lane->handle, CURLOPT_URL, lane->url);
    curl_easy_setopt(lane->handle, CURLOPT_POSTFIELDSIZE, (long)strlen(lane->body));
    curl_easy_setopt(lane->handle, CURLOPT_POSTFIELDS, lane->body);
}

/* Returns whether a pair is done. */
static int take(struct lane *lane) {
    long status = 0;
    curl_easy_getinfo(lane->handle, CURLINFO_RESPONSE_CODE, &status);
    int good = status == 200 && strstr(lane->answer, "\"success\":true") != NULL;
    if (lane->step == COMPLETE) {
        if (!good) fail("complete", lane->answer);
        prepare(lane, -1);
        return 1;
    }
    if (!good) {
        int none = status == 404 || strstr(lane->answer, "no active transaction") != NULL;
        if (!none) fail("claim", lane->answer);
        lane->step = OVER;
        return 0;
    }
    const char *id = strstr(lane->answer, "\"id\":");
    if (id == NULL) fail("claim without an id", lane->answer);
    id += strlen("\"id\":");
    if (*id == '"') id++;
    prepare(lane, strtol(id, NULL, 10));
    return 0;
}

static double processor_time(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static struct curl_slist *headers(void) {
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
    const char *key = getenv("TASKMANAGER_API_KEY");
    if (key != NULL) {
        char line[1024];
        snprintf(line, sizeof line, "X-API-Key: %s", key);
        list = curl_slist_append(list, line);
    }
    return list;
}

static long run(CURLM *multi, struct lane *lanes, int count) {
    long pairs = 0;
    int open = count;
    for (int index = 0; index < count; index++) {
        prepare(&lanes[index], -1);
        curl_multi_add_handle(multi, lanes[index].handle);
    }
    while (open > 0) {
        int running = 0;
        if (curl_multi_perform(multi, &running) != CURLM_OK) fail("curl_multi_perform", "failed");
        CURLMsg *message;
        int left = 0, again = 0;
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL *handle = message->easy_handle;
            CURLcode code = message->data.result;
            struct lane *lane = NULL;
            curl_easy_getinfo(handle, CURLINFO_PRIVATE, (char **)&lane);
            if (code != CURLE_OK) fail(lane->url, lane->error[0] ? lane->error : curl_easy_strerror(code));
            pairs += take(lane);
            curl_multi_remove_handle(multi, handle);
            if (lane->step == OVER) {
                open--;
            } else {
                curl_multi_add_handle(multi, handle);
                again = 1;
            }
        }
        if (!again && open > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    return pairs;
}

int main(int argc, char **argv) {
    if (argc != 4) fail("usage", "bare_http URL TASK-TYPE-ID CONNECTIONS");
    base = argv[1];
    type = argv[2];
    int count = atoi(argv[3]);
    if (count < 1 || count > 1024) fail("CONNECTIONS", "1 to 1024");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct lane *lanes = calloc((size_t)count, sizeof *lanes);
    if (multi == NULL || lanes == NULL) fail("memory", "there is none");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)count);
    struct curl_slist *list = headers();
    for (int index = 0; index < count; index++) {
        struct lane *lane = &lanes[index];
        lane->number = index;
        lane->handle = curl_easy_init();
        if (lane->handle == NULL) fail("memory", "there is none");
        curl_easy_setopt(lane->handle, CURLOPT_HTTPHEADER, list);
        curl_easy_setopt(lane->handle, CURLOPT_WRITEFUNCTION, keep);
        curl_easy_setopt(lane->handle, CURLOPT_WRITEDATA, lane);
        curl_easy_setopt(lane->handle, CURLOPT_PRIVATE, lane);
        curl_easy_setopt(lane->handle, CURLOPT_ERRORBUFFER, lane->error);
        curl_easy_setopt(lane->handle, CURLOPT_NOSIGNAL, 1L);
    }
    double began = now(), used = processor_time();
    long pairs = run(multi, lanes, count);
    double seconds = now() - began;
    used = processor_time() - used;
    printf("{\"pairs\":%ld,\"seconds\":%.3f,\"pairs_per_second\":%.0f,\"processor_microseconds\":%.1f}\n", pairs, seconds,
           (double)pairs / seconds, pairs > 0 ? used / (double)pairs * 1e6 : 0);
    for (int index = 0; index < count; index++) curl_easy_cleanup(lanes[index].handle);
    curl_slist_free_all(list);
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    free(lanes);
    return 0;
}
