/* SPDX-License-Identifier: BSD-2-Clause */
/* The one place where our addresses become the kernel's and back. */
#ifndef TP_IO_SOCKADDR_H
#define TP_IO_SOCKADDR_H

#include <sys/socket.h>

#include "base/addr.h"

/* Fills *out; returns its length. */
socklen_t sockaddr_from(const struct endpoint *e, struct sockaddr_storage *out);
/* 0, or -1 when `sa` is of another family. */
int sockaddr_to(const struct sockaddr *sa, struct endpoint *out) MUST_CHECK;

#endif
