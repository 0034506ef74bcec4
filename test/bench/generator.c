// The load of the benchmarks: MQTT publishers on raw sockets, one thread, epoll, so that what is measured is the server. In: a file with every byte that each
// connection will send, made ahead. Out: one JSON object with what was acknowledged, how fast, and what the load itself cost. It must never make up a packet.
//
// The plan, little-endian: connections u32; for each connection u32 bytes of CONNECT, u32 bytes of set-up, u32 acknowledgements that the set-up earns (SUBACK, PUBACK), u32
// bytes of vouchers; then those bytes. Every voucher is a QoS 1 PUBLISH.
// The first second is not counted. Usage: generator HOST PORT PLAN SECONDS IN_FLIGHT RATE ANSWER PID    RATE 0: closed loop; else so many messages a second in all. ANSWER: puback or receipt. PID: the server's.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTING, SETTING_UP, READY, DEAD };
enum { SLOTS = 64, BUCKETS = 4096, CONNECT_AT_ONCE = 128 };
static const uint64_t WARM_NS = 1000000000;

typedef struct {
  int fd, state;
  uint32_t acksWanted;
  const uint8_t *connect, *setup, *next, *end;
  uint32_t connectBytes, setupBytes;
  uint32_t sentCount, ackCount; // of vouchers
  uint64_t sentAt[SLOTS];
  uint16_t sentId[SLOTS];
  uint8_t head[8]; // the beginning of a packet that is not whole yet
  uint32_t headBytes, skip;
} Line;

static Line *lines;
static uint32_t lineCount, readyCount, deadCount;
static uint64_t acknowledged, outOfOrder, histogram[BUCKETS];
static int running, counting, closedLoop, untilReceipt, ranDry, inFlightMax;

static void die(const char *what) {
  fprintf(stderr, "generator: %s: %s\n", what, strerror(errno));
  exit(2);
}

static uint64_t nowNs(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// Buckets of 1/64 of a power of two: a figure is at most 1.6 % off.
static int bucketOf(uint64_t us) {
  if (us < 64) return (int)us;
  int power = 63 - __builtin_clzll(us);
  int bucket = (power - 5) * 64 + (int)((us >> (power - 6)) & 63);
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static double usOf(int bucket) {
  if (bucket < 64) return bucket + 0.5;
  int power = bucket / 64 + 5;
  return (double)((64ull + (uint64_t)(bucket % 64)) << (power - 6));
}

static double quantileMs(double share) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i < BUCKETS; i++) total += histogram[i];
  for (int i = 0; i < BUCKETS; i++) {
    seen += histogram[i];
    if (total > 0 && (double)seen >= share * (double)total) return usOf(i) / 1000;
  }
  return 0;
}

static void lost(Line *line) {
  if (line->state == DEAD) return;
  line->state = DEAD;
  deadCount++;
  close(line->fd);
}

static void sendAll(Line *line, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t sent = send(line->fd, bytes, length, MSG_NOSIGNAL);
    if (sent > 0) {
      bytes += sent;
      length -= (size_t)sent;
    } else if (errno != EAGAIN && errno != EINTR) {
      lost(line);
      return;
    }
  }
}

static uint32_t packetBytes(const uint8_t *at) {
  uint32_t length = 0, shift = 0, i = 1;
  do {
    length |= (uint32_t)(at[i] & 127) << shift;
    shift += 7;
  } while (at[i++] >= 128);
  return i + length;
}

static int lengthIsWhole(const uint8_t *head, uint32_t have) {
  for (uint32_t i = 1; i < have; i++) if (head[i] < 128) return 1;
  return 0;
}

static void sendVouchers(Line *line, int count, uint64_t at) {
  const uint8_t *from = line->next;
  while (count-- > 0) {
    if (line->next >= line->end) {
      ranDry = 1;
      break;
    }
    const uint8_t *packet = line->next;
    uint32_t size = packetBytes(packet);
    const uint8_t *topic = packet + (size < 130 ? 2 : 3);
    const uint8_t *id = topic + 2 + topic[0] * 256 + topic[1];
    uint32_t slot = line->sentCount++ % SLOTS;
    line->sentAt[slot] = at;
    line->sentId[slot] = (uint16_t)(id[0] * 256 + id[1]);
    line->next += size;
  }
  if (line->next > from) sendAll(line, from, (size_t)(line->next - from));
}

static void answered(Line *line, uint64_t at) {
  if (line->ackCount == line->sentCount) return;
  uint32_t slot = line->ackCount++ % SLOTS;
  if (!counting) return;
  acknowledged++;
  histogram[bucketOf((at - line->sentAt[slot]) / 1000)]++;
}

static void setUp(Line *line, int epoll) {
  (void)epoll;
  if (line->acksWanted == 0) {
    line->state = READY;
    readyCount++;
    return;
  }
  line->state = SETTING_UP;
  sendAll(line, line->setup, line->setupBytes);
}

// One whole packet's first bytes; of a PUBACK all four.
static void heard(Line *line, const uint8_t *packet, uint64_t at, int *acks) {
  int type = packet[0] >> 4;
  if (type == 2) {
    if (packet[3] != 0) {
      fprintf(stderr, "generator: refused with code %d\n", packet[3]);
      lost(line);
    } else setUp(line, 0);
  } else if (line->state == SETTING_UP && (type == 4 || type == 9)) {
    if (--line->acksWanted == 0) {
      line->state = READY;
      readyCount++;
    }
  } else if (type == 4) {
    uint16_t id = (uint16_t)(packet[2] * 256 + packet[3]);
    if (line->ackCount < line->sentCount && id != line->sentId[(untilReceipt ? 0 : line->ackCount) % SLOTS] && !untilReceipt) outOfOrder++;
    if (!untilReceipt) {
      answered(line, at);
      (*acks)++;
    }
  } else if (type == 3 && untilReceipt && line->state == READY) {
    // A receipt speaks for all that was sent before it: under a group commit it answers several at once.
    while (line->ackCount < line->sentCount) {
      answered(line, at);
      (*acks)++;
    }
  }
}

static void readFrom(Line *line) {
  static uint8_t buffer[65536];
  ssize_t got = recv(line->fd, buffer, sizeof buffer, 0);
  if (got <= 0) {
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) lost(line);
    return;
  }
  uint64_t at = nowNs();
  int acks = 0;
  for (ssize_t i = 0; i < got && line->state != DEAD;) {
    if (line->skip > 0) {
      uint32_t left = (uint32_t)(got - i);
      uint32_t skipped = line->skip < left ? line->skip : left;
      line->skip -= skipped;
      i += skipped;
      continue;
    }
    line->head[line->headBytes++] = buffer[i++];
    uint32_t have = line->headBytes;
    if (!lengthIsWhole(line->head, have)) continue;
    uint32_t size = packetBytes(line->head);
    uint32_t wanted = size < 4 ? size : 4;
    if (have < wanted) continue;
    heard(line, line->head, at, &acks);
    line->skip = size - have;
    line->headBytes = 0;
  }
  if (acks > 0 && closedLoop && running && line->state == READY) sendVouchers(line, acks, nowNs());
}

static void openLine(Line *line, const char *host, int port, int epoll) {
  line->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (line->fd < 0) die("socket");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  if (connect(line->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
  int one = 1;
  setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(line->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, line->fd, &event) < 0) die("epoll_ctl");
  line->state = CONNECTING;
  sendAll(line, line->connect, line->connectBytes);
}

static void turn(int epoll, int waitMs) {
  struct epoll_event events[512];
  int count = epoll_wait(epoll, events, 512, waitMs);
  for (int i = 0; i < count; i++) {
    Line *line = events[i].data.ptr;
    if (line->state != DEAD) readFrom(line);
  }
}

static void readPlan(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat stat;
  if (fd < 0 || fstat(fd, &stat) < 0) die(path);
  const uint8_t *at = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (at == MAP_FAILED) die("mmap");
  memcpy(&lineCount, at, 4);
  at += 4;
  lines = calloc(lineCount, sizeof *lines);
  for (uint32_t i = 0; i < lineCount; i++) {
    uint32_t sizes[4];
    memcpy(sizes, at, sizeof sizes);
    at += sizeof sizes;
    Line *line = &lines[i];
    line->connectBytes = sizes[0];
    line->setupBytes = sizes[1];
    line->acksWanted = sizes[2];
    line->connect = at;
    line->setup = at + sizes[0];
    line->next = line->setup + sizes[1];
    line->end = line->next + sizes[3];
    at = line->end;
  }
}

// What the server has computed so far, all its threads together.
static double cpuOf(const char *pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  int fd = open(path, O_RDONLY);
  ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (got <= 0) return 0;
  text[got] = 0;
  unsigned long user = 0, kernel = 0;
  char *at = strrchr(text, ')');
  if (at != NULL) sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
  return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

int main(int count, char **words) {
  if (count != 9) {
    fprintf(stderr, "usage: generator HOST PORT PLAN SECONDS IN_FLIGHT RATE puback|receipt PID\n");
    return 2;
  }
  double seconds = atof(words[4]);
  inFlightMax = atoi(words[5]);
  double rate = atof(words[6]);
  closedLoop = rate <= 0;
  untilReceipt = strcmp(words[7], "receipt") == 0;
  if (inFlightMax < 1 || inFlightMax > SLOTS) die("IN_FLIGHT must be 1 to 64");
  struct rlimit files = {65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
  readPlan(words[3]);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (uint32_t i = 0; i < lineCount; i++) {
    openLine(&lines[i], words[1], atoi(words[2]), epoll);
    while (i + 1 > readyCount + deadCount + CONNECT_AT_ONCE) turn(epoll, 1000);
  }
  while (readyCount + deadCount < lineCount) turn(epoll, 1000);
  if (deadCount > 0) fprintf(stderr, "generator: %u connections were lost during set-up\n", deadCount);

  struct rusage before, after;
  double serverBefore = 0;
  uint64_t start = nowNs(), counted = start + WARM_NS, end = counted + (uint64_t)(seconds * 1e9), at = start, sent = 0;
  running = 1;
  if (closedLoop) for (uint32_t i = 0; i < lineCount; i++) if (lines[i].state == READY) sendVouchers(&lines[i], inFlightMax, nowNs());
  while ((at = nowNs()) < end) {
    // What a server compiles and fills at its first messages is not what is asked for.
    if (!counting && at >= counted) {
      counting = 1;
      counted = at;
      getrusage(RUSAGE_SELF, &before);
      serverBefore = cpuOf(words[8]);
    }
    if (closedLoop) {
      turn(epoll, 100);
      continue;
    }
    // What is due is sent; a late sender does not excuse the server: the clock of a message starts when it was due.
    for (uint64_t due = (uint64_t)((double)(at - start) / 1e9 * rate); sent < due; sent++) {
      Line *line = &lines[sent % lineCount];
      if (line->state == READY && line->sentCount - line->ackCount < SLOTS) sendVouchers(line, 1, start + (uint64_t)((double)(sent + 1) / rate * 1e9));
      else if (line->state == READY) ranDry = 1;
    }
    turn(epoll, 0);
    struct timespec pause = {0, 50000};
    nanosleep(&pause, NULL);
  }
  running = 0;
  double ran = (double)(nowNs() - counted) / 1e9;
  getrusage(RUSAGE_SELF, &after);
  double serverCpu = cpuOf(words[8]) - serverBefore;
  double cpu = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec) +
               (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
  printf("{\"acknowledged\":%llu,\"seconds\":%.4f,\"loadCores\":%.3f,\"serverCores\":%.3f,\"ranDry\":%s,\"lost\":%u,\"outOfOrder\":%llu,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"p999Ms\":%.3f}\n",
         (unsigned long long)acknowledged, ran, cpu / ran, serverCpu / ran, ranDry ? "true" : "false", deadCount, (unsigned long long)outOfOrder, quantileMs(0.5), quantileMs(0.99), quantileMs(0.999));
  return 0;
}
