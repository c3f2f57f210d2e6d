/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who waits for the kernel in our stead. Closing a capture takes the kernel a
 * grace period, 15 to 40 ms, whoever closes last: a process of its own that
 * shares the descriptors does, and nobody waits for it.
 */
#ifndef TP_IO_CLOSER_H
#define TP_IO_CLOSER_H

#include "base/base.h"

#define CLOSER_FDS_MAX 32

/*
 * Start it. It holds the descriptors and nothing else, has no privileges, and
 * ends when the returned descriptor is closed, by us or by our end. Returns -1
 * when it cannot be had, or when nobody would bury it (in a container): then
 * closing takes its time.
 */
int closer_start(const int *fds, size_t n);

#endif
