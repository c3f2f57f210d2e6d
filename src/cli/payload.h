/* SPDX-License-Identifier: BSD-2-Clause */
/* The data of a segment, as a user gives it: in one of four ways, or not. */
#ifndef TP_CLI_PAYLOAD_H
#define TP_CLI_PAYLOAD_H

#include "base/base.h"
#include "base/err.h"

/* What the largest datagram holds behind two headers without options. */
#define PAYLOAD_MAX 65495
#define PAYLOAD_NO_SIZE UINT64_MAX

/* As given; NULL and PAYLOAD_NO_SIZE: not. */
struct payload_spec {
	const char *text; /* --data: \r, \n, \t, \0, \\ and \xNN are known */
	const char *hex;  /* --data-hex */
	const char *file; /* --data-file: "-" is standard input */
	uint64_t size;	  /* --data-size: so many digits, 0123456789012… */
};

struct payload {
	uint8_t *bytes;
	size_t len;
};

/* 0, or a negative code and the reason: what cannot be read is misuse. */
int payload_make(const struct payload_spec *spec, struct payload *out,
		 struct err *e) MUST_CHECK;
void payload_free(struct payload *p);

#endif
