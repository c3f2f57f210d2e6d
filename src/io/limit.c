/* SPDX-License-Identifier: BSD-2-Clause */
/* Limits of the process, raised as far as it is allowed. */
#include "io/limit.h"

#include <sys/resource.h>

void limit_raise_files(void)
{
	struct rlimit limit;

	/* Failing is no harm yet: whoever runs out of files says so. */
	if (getrlimit(RLIMIT_NOFILE, &limit) ||
	    limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}
