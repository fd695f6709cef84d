/* To preload into User-Mode Linux (6.1 and near). Its kernel hands the host a processor state of a fixed 2696 bytes;
 * where the processor has more of it (AMX tiles), the host refuses PTRACE_SETREGSET of less than the whole and the
 * guest panics with "ptrace set fp regs failed". Here a short state gets zeros up to the size that the host uses.
 * A guest kernel has small stacks, so the buffer is static; it has one processor, so one buffer does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef long (*ptrace_call)(enum __ptrace_request, pid_t, void *, void *);

static char state[64 * 1024];

long ptrace(enum __ptrace_request request, ...) {
  static ptrace_call next;
  static size_t host_size;
  va_list args;
  va_start(args, request);
  pid_t pid = va_arg(args, pid_t);
  void *kind = va_arg(args, void *);
  struct iovec *given = va_arg(args, void *);
  va_end(args);

  if (next == NULL) next = (ptrace_call)dlsym(RTLD_NEXT, "ptrace");
  if (request != PTRACE_SETREGSET || kind != (void *)NT_X86_XSTATE) return next(request, pid, kind, given);
  if (host_size == 0) {
    struct iovec whole = {state, sizeof state};
    if (next(PTRACE_GETREGSET, pid, kind, &whole) < 0) return -1;
    host_size = whole.iov_len;
  }
  if (given->iov_len >= host_size) return next(request, pid, kind, given);
  memcpy(state, given->iov_base, given->iov_len);
  memset(state + given->iov_len, 0, host_size - given->iov_len);
  struct iovec padded = {state, host_size};
  return next(request, pid, kind, &padded);
}
