/* A disk that hangs, fails or is full, and a wall clock that is stepped, for a process that has this preloaded.
 *
 * Two numbers in the file that FAULTS names, which both sides map: the seconds that the wall clock is ahead, and
 * what happens to writes and flushes of the database. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { NONE, FLUSH_HANGS, FLUSH_FAILS, DISK_FULL, KILL_IN_CHECKPOINT };

struct faults {
    volatile int64_t clock_ahead_s;
    volatile int64_t disk;
};

static struct faults none;
static struct faults *faults = &none;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULTS");
    int descriptor = path ? open(path, O_RDWR) : -1;
    if (descriptor < 0) return;
    void *mapped = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (mapped != MAP_FAILED) faults = mapped;
    close(descriptor);
}

/* What a descriptor leads to: 1 for the database itself, 2 for its log, 0 for anything else. */
static int kind(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    if (name == NULL) return 0;
    if (strcmp(name, "/waypost.db") == 0) return 1;
    return strcmp(name, "/waypost.db-wal") == 0 ? 2 : 0;
}

static int flush(int descriptor, const char *name) {
    if (faults->disk != NONE && kind(descriptor)) {
        while (faults->disk == FLUSH_HANGS) usleep(10000);
        if (faults->disk == FLUSH_FAILS) {
            errno = EIO;
            return -1;
        }
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(descriptor);
}

int fsync(int descriptor) { return flush(descriptor, "fsync"); }

int fdatasync(int descriptor) { return flush(descriptor, "fdatasync"); }

static int refused(int descriptor) {
    static int written;
    if (faults->disk == DISK_FULL && kind(descriptor)) {
        errno = ENOSPC;
        return 1;
    }
    /* Only a checkpoint writes the database itself; it dies between two pages. */
    if (faults->disk == KILL_IN_CHECKPOINT && kind(descriptor) == 1 && ++written == 3) raise(SIGKILL);
    return 0;
}

ssize_t pwrite64(int descriptor, const void *buffer, size_t size, off64_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    return refused(descriptor) ? -1 : real(descriptor, buffer, size, offset);
}

ssize_t pwrite(int descriptor, const void *buffer, size_t size, off_t offset) {
    return pwrite64(descriptor, buffer, size, offset);
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, at);
    if (clock == CLOCK_REALTIME) at->tv_sec += faults->clock_ahead_s;
    return result;
}
