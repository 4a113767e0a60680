/* What the C library would ask of WASI. The engine must do without: a plug-in is to run on hosts that offer none. */
#include <sys/time.h>
#include <time.h>

#include "contract.h"
#include "engine.h"

/* Called by `Date` alone. Without a clock it is 1970. While the plug-in is built the engine reads none by itself. */
int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    (void)zone;
    uint64_t nanoseconds = 0;
    if (context != NULL && system_clock_time_get(0, 1000, &nanoseconds) != 0)
        nanoseconds = 0;
    time->tv_sec = nanoseconds / 1000000000;
    time->tv_usec = nanoseconds / 1000 % 1000000;
    return 0;
}

/* The C library closes its streams by it. */
int close(int descriptor)
{
    (void)descriptor;
    return -1;
}

/* For `performance` of QuickJS, in whose place the prelude puts its own. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    (void)clock;
    time->tv_sec = 0;
    time->tv_nsec = 0;
    return 0;
}

/* The C library's streams. Nothing is written to them; the code that would is linked in because formatting shares it. */
enum { BAD_DESCRIPTOR = 8 };

int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t descriptor)
{
    (void)descriptor;
    return BAD_DESCRIPTOR;
}

int32_t __imported_wasi_snapshot_preview1_fd_fdstat_get(int32_t descriptor, int32_t stat)
{
    (void)descriptor, (void)stat;
    return BAD_DESCRIPTOR;
}

int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t descriptor, int64_t offset, int32_t whence, int32_t position)
{
    (void)descriptor, (void)offset, (void)whence, (void)position;
    return BAD_DESCRIPTOR;
}

int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t descriptor, int32_t pieces, int32_t count, int32_t written)
{
    (void)descriptor, (void)pieces, (void)count, (void)written;
    return BAD_DESCRIPTOR;
}
