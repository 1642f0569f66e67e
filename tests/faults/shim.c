/* Loaded before the C library: makes calls on files of one directory fail, and sets the clock off.
 *
 * FAULTS_DIR      files below this path are meant
 * FAULTS_CONTROL  a file of this layout, mapped; whoever drives the test writes into it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    volatile int64_t write_error;  /* errno of writes; 0: none */
    volatile int64_t sync_error;   /* errno of fsync and fdatasync */
    volatile int64_t writes_left;  /* so many writes succeed before; -1: for ever */
    volatile int64_t syncs_left;
    volatile int64_t failures;     /* how many calls were made to fail */
    volatile int64_t clock_off_ns; /* added to the wall clock */
    volatile int64_t failing_for;  /* so many calls fail, then none; -1: all */
};

static struct control *control;
static const char *dir;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULTS_CONTROL");
    dir = getenv("FAULTS_DIR");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *map = mmap(0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) control = map;
    close(fd);
}

static int is_meant(int fd) {
    if (!control || !dir) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0) return 0;
    path[len] = 0;
    return strncmp(path, dir, strlen(dir)) == 0;
}

/* Whether this call fails; sets errno. */
static int fails(int fd, volatile int64_t *error, volatile int64_t *left) {
    if (!control || !*error || !is_meant(fd)) return 0;
    if (*left > 0) {
        __atomic_sub_fetch(left, 1, __ATOMIC_SEQ_CST);
        return 0;
    }
    if (*left < 0 || control->failing_for == 0) return 0;
    if (control->failing_for > 0) __atomic_sub_fetch(&control->failing_for, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&control->failures, 1, __ATOMIC_SEQ_CST);
    errno = (int)*error;
    return 1;
}

#define REAL(name, type) \
    static __typeof__(type) real; \
    if (!real) real = (__typeof__(type))dlsym(RTLD_NEXT, name);
#define WRITE_FAILS(fd) (control && fails(fd, &control->write_error, &control->writes_left))
#define SYNC_FAILS(fd) (control && fails(fd, &control->sync_error, &control->syncs_left))

ssize_t write(int fd, const void *bytes, size_t len) {
    REAL("write", ssize_t (*)(int, const void *, size_t))
    return WRITE_FAILS(fd) ? -1 : real(fd, bytes, len);
}
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at) {
    REAL("pwrite", ssize_t (*)(int, const void *, size_t, off_t))
    return WRITE_FAILS(fd) ? -1 : real(fd, bytes, len, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at) {
    REAL("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t))
    return WRITE_FAILS(fd) ? -1 : real(fd, bytes, len, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL("writev", ssize_t (*)(int, const struct iovec *, int))
    return WRITE_FAILS(fd) ? -1 : real(fd, parts, count);
}
int ftruncate(int fd, off_t len) {
    REAL("ftruncate", int (*)(int, off_t))
    return WRITE_FAILS(fd) ? -1 : real(fd, len);
}
int ftruncate64(int fd, off64_t len) {
    REAL("ftruncate64", int (*)(int, off64_t))
    return WRITE_FAILS(fd) ? -1 : real(fd, len);
}
int fsync(int fd) {
    REAL("fsync", int (*)(int))
    return SYNC_FAILS(fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
    REAL("fdatasync", int (*)(int))
    return SYNC_FAILS(fd) ? -1 : real(fd);
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL("clock_gettime", int (*)(clockid_t, struct timespec *))
    int done = real(clock, now);
    if (done == 0 && control && control->clock_off_ns && clock == CLOCK_REALTIME) {
        int64_t ns = now->tv_sec * 1000000000LL + now->tv_nsec + control->clock_off_ns;
        now->tv_sec = ns / 1000000000LL;
        now->tv_nsec = ns % 1000000000LL;
    }
    return done;
}
