/* A disk that is full from the n-th write below some folders on, for one process (LD_PRELOAD).

   Stands between the program and its C library, so that it meets SQLite's writes as well as Python's. FULL_DISK_UNDER
   names the folders, with colons between them; full_disk_from(n, span, given, witness) says from which call on
   it is full, 0 for never, and for how many calls, 0 for all; so many bytes are there again once kit.reserve was emptied. Whatever needs
   room counts: making a file or a folder, writing, growing, bringing to the disk. Removing and renaming do not.
   A witness hears of each call, by its number, its name and its path, in the thread that makes it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static _Atomic long made, from, span, given, lent;
enum { TAKEN = 8192 }; /* by a call, for what its file system writes beside it */
typedef void (*Witness)(long n, const char *call, const char *path);
static _Atomic(Witness) witness;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void full_disk_from(long n, long calls, long bytes, Witness told) {
    made = lent = 0;
    given = bytes;
    from = n;
    span = calls;
    witness = told;
}

long full_disk_made(void) { return made; }

static int is_below(const char *path) {
    const char *under = getenv("FULL_DISK_UNDER");
    while (under && *under) {
        size_t length = strcspn(under, ":");
        if (!strncmp(path, under, length) && (path[length] == '/' || !path[length]))
            return 1;
        under += length + (under[length] == ':');
    }
    return 0;
}

/* Count a call on a path; return whether the disk is full for it. */
static int is_full_at(const char *call, const char *path) {
    if (!path || !is_below(path))
        return 0;
    long n = ++made;
    Witness told = witness;
    if (told) {
        int before = errno;
        told(n, call, path);
        errno = before;
    }
    if (!from || n < from || (span && n >= from + span))
        return 0;
    if (lent > 0) {
        if (strncmp(call, "f", 1) || !strstr(call, "sync"))
            lent -= TAKEN;
        return 0;
    }
    errno = ENOSPC;
    return 1;
}

static int is_full(const char *call, int file) {
    char link[40], path[4097];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    int before = errno;
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_full_at(call, path);
}

#define ON_FILE(result, name, given, passed) \
    result name given { return is_full(#name, file) ? -1 : REAL(name) passed; }

ON_FILE(ssize_t, write, (int file, const void *from_, size_t n), (file, from_, n))
ON_FILE(ssize_t, pwrite, (int file, const void *from_, size_t n, off_t at), (file, from_, n, at))
ON_FILE(ssize_t, pwrite64, (int file, const void *from_, size_t n, off64_t at), (file, from_, n, at))
ON_FILE(ssize_t, writev, (int file, const struct iovec *parts, int n), (file, parts, n))
ON_FILE(ssize_t, pwritev, (int file, const struct iovec *parts, int n, off_t at), (file, parts, n, at))
ON_FILE(ssize_t, pwritev64, (int file, const struct iovec *parts, int n, off64_t at), (file, parts, n, at))
ON_FILE(ssize_t, sendfile, (int file, int source, off_t *at, size_t n), (file, source, at, n))
ON_FILE(ssize_t, sendfile64, (int file, int source, off64_t *at, size_t n), (file, source, at, n))
ON_FILE(int, ftruncate, (int file, off_t size), (file, size))
ON_FILE(int, ftruncate64, (int file, off64_t size), (file, size))
ON_FILE(int, fallocate, (int file, int mode, off_t at, off_t n), (file, mode, at, n))
ON_FILE(int, fallocate64, (int file, int mode, off64_t at, off64_t n), (file, mode, at, n))
ON_FILE(int, fsync, (int file), (file))
ON_FILE(int, fdatasync, (int file), (file))

/* These two return the error instead of setting it. */
int posix_fallocate(int file, off_t at, off_t n) {
    return is_full("posix_fallocate", file) ? ENOSPC : REAL(posix_fallocate)(file, at, n);
}
int posix_fallocate64(int file, off64_t at, off64_t n) {
    return is_full("posix_fallocate64", file) ? ENOSPC : REAL(posix_fallocate64)(file, at, n);
}

ssize_t copy_file_range(int source, off64_t *at, int file, off64_t *to, size_t n, unsigned flags) {
    return is_full("copy_file_range", file) ? -1 : REAL(copy_file_range)(source, at, file, to, n, flags);
}

/* Only a name that is not there yet needs room. */
static int is_new_and_full(const char *call, const char *path, int flags) {
    int before = errno;
    int is_new = (flags & O_CREAT) && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
    errno = before;
    return is_new && is_full_at(call, path);
}

static mode_t mode_of(int flags, va_list more) {
    return flags & (O_CREAT | (__O_TMPFILE & ~O_DIRECTORY)) ? va_arg(more, mode_t) : 0;
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = mode_of(flags, more); \
        va_end(more); \
        return is_new_and_full(#name, path, flags) ? -1 : REAL(name)(path, flags, mode); \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = mode_of(flags, more); \
        va_end(more); \
        return *path == '/' && is_new_and_full(#name, path, flags) ? -1 : REAL(name)(folder, path, flags, mode); \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

#define EMPTIES(name, size_type) \
    int name(const char *path, size_type size) { \
        const char *file = strrchr(path, '/'); \
        int done = REAL(name)(path, size); \
        if (!done && is_below(path) && file && !strcmp(file, "/kit.reserve")) \
            lent = given; \
        return done; \
    }
EMPTIES(truncate, off_t)
EMPTIES(truncate64, off64_t)

int mkdir(const char *path, mode_t mode) {
    return is_new_and_full("mkdir", path, O_CREAT) ? -1 : REAL(mkdir)(path, mode);
}
