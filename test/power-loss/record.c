/* Writes down what a process asks of the disk and what it tells the network, in one order: preloaded between it and the C library. In: TALLYSTICK_DISK, a folder, and
 * TALLYSTICK_TRACE, a file. Out: one record for each write, change of size, flush and change of names below the folder, and for what goes through TCP connections.
 * A record is a kind, a number, a position, two lengths, then a path and data (trace.ts reads it). With TALLYSTICK_LIES set, flushes are promised and not done; with
 * TALLYSTICK_FAILS=n every n-th flush fails, and what it was to flush is gone for the disk, while the system still shows it, as Linux does after an error. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, SOCKETS = 65536, PARTS = 1024 };

struct head {
  uint32_t kind, number;
  uint64_t at;
  uint32_t path, data;
} __attribute__((packed));

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static int trace = -1;
static const char *folder;
static int lies;
static unsigned fails, flushes;
static unsigned char heard[SOCKETS]; /* sockets whose first words are on record */

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("TALLYSTICK_TRACE");
  folder = getenv("TALLYSTICK_DISK");
  lies = getenv("TALLYSTICK_LIES") != NULL;
  fails = getenv("TALLYSTICK_FAILS") == NULL ? 0 : (unsigned)atoi(getenv("TALLYSTICK_FAILS"));
  if (path != NULL && folder != NULL)
    trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* What SQLite's processes share in memory is not on the disk. */
static int below(const char *path) {
  return trace >= 0 && strncmp(path, folder, strlen(folder)) == 0 && strstr(path, "-shm") == NULL;
}

/* The path of an open file of the folder, or NULL. */
static const char *tracked(int fd, char *path) {
  char link[64];
  if (trace < 0) return NULL;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_BYTES - 1);
  if (length <= 0) return NULL;
  path[length] = 0;
  return below(path) && strstr(path, " (deleted)") == NULL ? path : NULL;
}

static int is_tcp(int fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  return trace >= 0 && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_INET;
}

/* The caller holds the order. */
static void note(char kind, uint32_t number, uint64_t at, const char *path, const struct iovec *parts, int count, size_t bytes) {
  static struct iovec all[PARTS];
  struct head head = {(uint32_t)kind, number, at, (uint32_t)strlen(path), (uint32_t)bytes};
  all[0] = (struct iovec){&head, sizeof head};
  all[1] = (struct iovec){(void *)path, head.path};
  int used = 2;
  size_t left = bytes;
  for (int i = 0; i < count && left > 0 && used < PARTS; i++) {
    size_t size = parts[i].iov_len < left ? parts[i].iov_len : left;
    all[used++] = (struct iovec){parts[i].iov_base, size};
    left -= size;
  }
  size_t whole = sizeof head + head.path + bytes;
  if (left > 0 || syscall(SYS_writev, trace, all, used) != (ssize_t)whole) {
    fprintf(stderr, "the trace cannot be written\n");
    _exit(97);
  }
}

#define NEXT(name) ((next = next != NULL ? next : (__typeof__(next))dlsym(RTLD_NEXT, #name)))

/* Data for files is on record when it is in the system's hands; for the network, before. */
#define WRITING(name, parameters, arguments, LIST, COUNT, AT)                                   \
  ssize_t name parameters {                                                                     \
    static ssize_t(*next) parameters;                                                           \
    char path[PATH_BYTES];                                                                      \
    const char *file = tracked(fd, path);                                                       \
    if (file == NULL && !is_tcp(fd)) return NEXT(name) arguments;                               \
    pthread_mutex_lock(&order);                                                                 \
    uint64_t at = file == NULL ? 0 : (uint64_t)(AT);                                            \
    const struct iovec *parts = LIST;                                                           \
    size_t bytes = 0;                                                                           \
    for (int i = 0; i < (COUNT); i++) bytes += parts[i].iov_len;                                \
    if (file == NULL) note('N', (uint32_t)fd, 0, "", parts, COUNT, bytes);                      \
    ssize_t result = NEXT(name) arguments;                                                      \
    if (file != NULL && result > 0) note('W', 0, at, file, parts, COUNT, (size_t)result);       \
    pthread_mutex_unlock(&order);                                                               \
    return result;                                                                              \
  }

#define ONE ((struct iovec[]){{(void *)data, size}})
WRITING(write, (int fd, const void *data, size_t size), (fd, data, size), ONE, 1, lseek(fd, 0, SEEK_CUR))
WRITING(writev, (int fd, const struct iovec *list, int count), (fd, list, count), list, count, lseek(fd, 0, SEEK_CUR))
WRITING(pwrite, (int fd, const void *data, size_t size, off_t to), (fd, data, size, to), ONE, 1, to)
WRITING(pwrite64, (int fd, const void *data, size_t size, off64_t to), (fd, data, size, to), ONE, 1, to)
WRITING(pwritev, (int fd, const struct iovec *list, int count, off_t to), (fd, list, count, to), list, count, to)
WRITING(pwritev64, (int fd, const struct iovec *list, int count, off64_t to), (fd, list, count, to), list, count, to)

/* The first words on a connection say who it is. */
ssize_t read(int fd, void *data, size_t size) {
  static ssize_t (*next)(int, void *, size_t);
  ssize_t result = NEXT(read)(fd, data, size);
  if (result > 0 && fd < SOCKETS && !heard[fd] && is_tcp(fd)) {
    pthread_mutex_lock(&order);
    heard[fd] = 1;
    note('I', (uint32_t)fd, 0, "", &(struct iovec){data, (size_t)result}, 1, (size_t)result);
    pthread_mutex_unlock(&order);
  }
  return result;
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  static int (*next)(int, struct sockaddr *, socklen_t *, int);
  int result = NEXT(accept4)(fd, address, length, flags);
  if (result >= 0 && result < SOCKETS) heard[result] = 0;
  return result;
}

/* A flush covers what was written before it began. */
static int flushed(int fd, int (*flush)(int)) {
  char path[PATH_BYTES];
  const char *file = tracked(fd, path);
  uint32_t thread = (uint32_t)syscall(SYS_gettid);
  if (file == NULL) return flush(fd);
  if (lies) return 0;
  pthread_mutex_lock(&order);
  note('B', thread, 0, file, NULL, 0, 0);
  int failed = fails > 0 && ++flushes % fails == 0;
  if (failed) note('F', thread, 0, file, NULL, 0, 0);
  pthread_mutex_unlock(&order);
  if (failed) {
    errno = EIO;
    return -1;
  }
  int result = flush(fd);
  if (result != 0) return result;
  pthread_mutex_lock(&order);
  note('S', thread, 0, file, NULL, 0, 0);
  pthread_mutex_unlock(&order);
  return 0;
}

int fsync(int fd) {
  static int (*next)(int);
  return flushed(fd, NEXT(fsync));
}

int fdatasync(int fd) {
  static int (*next)(int);
  return flushed(fd, NEXT(fdatasync));
}

static int sized(int fd, off64_t size) {
  static int (*next)(int, off64_t);
  char path[PATH_BYTES];
  const char *file = tracked(fd, path);
  if (file == NULL) return NEXT(ftruncate64)(fd, size);
  pthread_mutex_lock(&order);
  int result = NEXT(ftruncate64)(fd, size);
  if (result == 0) note('T', 0, (uint64_t)size, file, NULL, 0, 0);
  pthread_mutex_unlock(&order);
  return result;
}

int ftruncate(int fd, off_t size) { return sized(fd, size); }
int ftruncate64(int fd, off64_t size) { return sized(fd, size); }

/* Creating and emptying are changes of their own. */
static int opened(int directory, const char *path, int flags, mode_t mode) {
  static int (*next)(int, const char *, int, ...);
  if (!below(path) || (flags & (O_CREAT | O_TRUNC)) == 0) return NEXT(openat64)(directory, path, flags, mode);
  pthread_mutex_lock(&order);
  int is_new = access(path, F_OK) != 0;
  int result = NEXT(openat64)(directory, path, flags, mode);
  if (result >= 0 && is_new) note('C', 0, 0, path, NULL, 0, 0);
  else if (result >= 0 && (flags & O_TRUNC)) note('T', 0, 0, path, NULL, 0, 0);
  pthread_mutex_unlock(&order);
  return result;
}

#define OPENING(name, parameters, directory)                                                    \
  int name parameters {                                                                         \
    va_list rest;                                                                               \
    va_start(rest, flags);                                                                      \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                   \
    va_end(rest);                                                                               \
    return opened(directory, path, flags, mode);                                                \
  }
OPENING(open, (const char *path, int flags, ...), AT_FDCWD)
OPENING(open64, (const char *path, int flags, ...), AT_FDCWD)
OPENING(openat, (int directory, const char *path, int flags, ...), directory)

#define NAMING(name, parameters, arguments, kind, OTHER)                                        \
  int name parameters {                                                                         \
    static int(*next) parameters;                                                               \
    if (!below(path)) return NEXT(name) arguments;                                              \
    pthread_mutex_lock(&order);                                                                 \
    int result = NEXT(name) arguments;                                                          \
    const char *other = OTHER;                                                                  \
    size_t bytes = strlen(other);                                                               \
    if (result == 0) note(kind, 0, 0, path, &(struct iovec){(void *)other, bytes}, 1, bytes);   \
    pthread_mutex_unlock(&order);                                                               \
    return result;                                                                              \
  }
NAMING(unlink, (const char *path), (path), 'U', "")
NAMING(mkdir, (const char *path, mode_t mode), (path, mode), 'M', "")
NAMING(rename, (const char *path, const char *to), (path, to), 'R', to)
