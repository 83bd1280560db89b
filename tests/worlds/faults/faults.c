/* Stands between a program and the system (LD_PRELOAD), and counts the calls that write below one
   folder. At one of them the disk is full, once or from then on, or the process ends for good.

   cc -shared -fPIC -o faults.so faults.c */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { NONE, FULL, FULL_ONCE, LAST }; /* as in fault_runs.py */

static char root[4096];
static long calls, point;
static int kind;

void faults_arm(const char *folder, long at, int what) {
    snprintf(root, sizeof root, "%s", folder);
    calls = 0;
    point = at;
    kind = what;
}

long faults_calls(void) { return calls; }

static int below(const char *path) {
    char here[4096];
    size_t length = strlen(root);
    if (!length || !path) return 0;
    if (path[0] == '/') return strncmp(path, root, length) == 0;
    return getcwd(here, sizeof here) && strncmp(here, root, length) == 0;
}

static int fd_below(int fd) {
    char name[64], path[4096];
    ssize_t length;
    if (!root[0]) return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    length = readlink(name, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static int at_below(int folder, const char *path) {
    return folder == AT_FDCWD || path[0] == '/' ? below(path) : fd_below(folder);
}

/* Whether a call is to fail. What frees room does so on a full disk too. */
static int fails(int counted, int frees) {
    if (!counted) return 0;
    calls++;
    if (kind == LAST && calls == point) _exit(9);
    if (frees) return 0;
    return (kind == FULL_ONCE && calls == point) || (kind == FULL && calls >= point);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define GUARD(counted, frees, none) \
    do { \
        if (fails(counted, frees)) { \
            errno = ENOSPC; \
            return none; \
        } \
    } while (0)

static int makes(int flags) { return flags & O_CREAT; }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = makes(flags) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        GUARD(makes(flags) && below(path), 0, -1); \
        return REAL(name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = makes(flags) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        GUARD(makes(flags) && at_below(folder, path), 0, -1); \
        return REAL(name)(folder, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t size) {
    GUARD(fd_below(fd), 0, -1);
    return REAL(write)(fd, data, size);
}

#define PWRITE(name, offset_type) \
    ssize_t name(int fd, const void *data, size_t size, offset_type offset) { \
        GUARD(fd_below(fd), 0, -1); \
        return REAL(name)(fd, data, size, offset); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define FTRUNCATE(name, offset_type) \
    int name(int fd, offset_type size) { \
        GUARD(fd_below(fd), 1, -1); \
        return REAL(name)(fd, size); \
    }
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

#define FALLOCATE(name, offset_type) \
    int name(int fd, offset_type offset, offset_type size) { \
        if (fails(fd_below(fd), 0)) return ENOSPC; \
        return REAL(name)(fd, offset, size); \
    }
FALLOCATE(posix_fallocate, off_t)
FALLOCATE(posix_fallocate64, off64_t)

int rename(const char *old, const char *new) {
    GUARD(below(new), 0, -1);
    return REAL(rename)(old, new);
}

int renameat(int from, const char *old, int to, const char *new) {
    GUARD(at_below(to, new), 0, -1);
    return REAL(renameat)(from, old, to, new);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned int flags) {
    GUARD(at_below(to, new), 0, -1);
    return REAL(renameat2)(from, old, to, new, flags);
}

int link(const char *old, const char *new) {
    GUARD(below(new), 0, -1);
    return REAL(link)(old, new);
}

int linkat(int from, const char *old, int to, const char *new, int flags) {
    GUARD(at_below(to, new), 0, -1);
    return REAL(linkat)(from, old, to, new, flags);
}

int mkdir(const char *path, mode_t mode) {
    GUARD(below(path), 0, -1);
    return REAL(mkdir)(path, mode);
}

int unlink(const char *path) {
    GUARD(below(path), 1, -1);
    return REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
    GUARD(at_below(folder, path), 1, -1);
    return REAL(unlinkat)(folder, path, flags);
}

int rmdir(const char *path) {
    GUARD(below(path), 1, -1);
    return REAL(rmdir)(path);
}
