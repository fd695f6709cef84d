/* The kernel's part of a tick, and nothing else: opens the files whose paths come on standard input, one a line, until an
 * empty line; then, for every further line, reads each of them from its beginning and prints how many nanoseconds that
 * took. A file that cannot be opened costs nothing later, as it costs the agent nothing worth mentioning. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static char buffer[64 * 1024];

static void read_all(const int *descriptors, size_t count) {
  for (size_t at = 0; at < count; at++) {
    if (pread(descriptors[at], buffer, sizeof buffer, 0) < 0) exit(1);
  }
}

int main(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  char line[4096];
  size_t count = 0, room = 0;
  int *descriptors = NULL;
  while (fgets(line, sizeof line, stdin) != NULL && line[0] != '\n') {
    line[strcspn(line, "\n")] = '\0';
    int descriptor = open(line, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    if (count == room) {
      room = room == 0 ? 1024 : room * 2;
      descriptors = realloc(descriptors, room * sizeof *descriptors);
      if (descriptors == NULL) return 1;
    }
    descriptors[count++] = descriptor;
  }
  printf("%zu\n", count);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    struct timespec begin, end;
    /* Once without the clock: the agent's tick does not come first after a change of process either. */
    read_all(descriptors, count);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    read_all(descriptors, count);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lld\n", (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec);
    fflush(stdout);
  }
  return 0;
}
