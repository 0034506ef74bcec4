/* A disk that fails when it is told to: preloaded into the hub's process, between it and the C library. In: TALLYSTICK_DISK, a folder, and TALLYSTICK_FAULT, a file
 * that holds "write EIO", "write ENOSPC", "write EROFS" or "sync EIO" as long as it exists. Out: that error from every write or sync to files of the folder. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int concerns(int fd) {
  const char *folder = getenv("TALLYSTICK_DISK");
  char link[64], path[4096];
  if (folder == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  /* The memory that SQLite's processes share is not on the disk. */
  return strncmp(path, folder, strlen(folder)) == 0 && strstr(path, "-shm") == NULL;
}

/* The error number for this kind of call, or 0. */
static int fault(int fd, const char *kind) {
  const char *file = getenv("TALLYSTICK_FAULT");
  char said[32] = {0};
  if (file == NULL || !concerns(fd)) return 0;
  int from = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
  if (from < 0) return 0;
  syscall(SYS_read, from, said, sizeof said - 1);
  syscall(SYS_close, from);
  if (strncmp(said, kind, strlen(kind)) != 0) return 0;
  if (strstr(said, "ENOSPC")) return ENOSPC;
  if (strstr(said, "EROFS")) return EROFS;
  return strstr(said, "EIO") ? EIO : 0;
}

#define FAILING(result, name, parameters, arguments, kind)                     \
  result name parameters {                                                     \
    static result(*next) parameters;                                           \
    int error = fault(fd, kind);                                               \
    if (error != 0) {                                                          \
      errno = error;                                                           \
      return -1;                                                               \
    }                                                                          \
    if (next == NULL) next = (result(*) parameters)dlsym(RTLD_NEXT, #name);    \
    return next arguments;                                                     \
  }

FAILING(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size), "write")
FAILING(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), "write")
FAILING(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), "write")
FAILING(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), "write")
FAILING(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at), "write")
FAILING(ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at), "write")
FAILING(int, ftruncate, (int fd, off_t size), (fd, size), "write")
FAILING(int, ftruncate64, (int fd, off64_t size), (fd, size), "write")
FAILING(int, fsync, (int fd), (fd), "sync")
FAILING(int, fdatasync, (int fd), (fd), "sync")
